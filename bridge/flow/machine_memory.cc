// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/machine_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string_view>

namespace flameway {
namespace {

constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
constexpr size_t kLeastBudget = size_t{256} << 20;

size_t MemTotalBytes(const std::string& root) {
  std::ifstream meminfo(root + "/proc/meminfo");
  std::string key;
  size_t kibibytes = 0;
  for (std::string line; std::getline(meminfo, line);) {
    std::istringstream words(line);
    if (words >> key >> kibibytes && key == "MemTotal:") return kibibytes << 10;
  }
  return kUnlimited;
}

// The number in a file; "max", and a file that is not there, is no limit.
size_t LimitIn(const std::string& path) {
  std::ifstream file(path);
  size_t bytes = 0;
  return file >> bytes && bytes > 0 ? bytes : kUnlimited;
}

// The least limit of the group at `path` below `mount` and of those above it.
size_t GroupLimit(const std::string& mount, std::string path, const std::string& file) {
  // Outside of what is mounted here.
  if (path.find("..") != std::string::npos) path.clear();
  size_t limit = kUnlimited;
  while (true) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    limit = std::min(limit, LimitIn(fmt::format("{}{}/{}", mount, path, file)));
    if (path.empty()) return limit;
    path.resize(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/'));
  }
}

bool Lists(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    const size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == wanted) return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

}  // namespace

size_t MachineMemoryBytes(const std::string& root) {
  const std::string unified = root + "/sys/fs/cgroup";
  const std::string legacy = unified + "/memory";
  size_t bytes = MemTotalBytes(root);
  bytes = std::min(bytes, GroupLimit(unified, "", "memory.max"));
  bytes = std::min(bytes, GroupLimit(legacy, "", "memory.limit_in_bytes"));
  // hierarchy:controllers:path, no controllers in version 2
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string_view controllers =
        std::string_view(line).substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      bytes = std::min(bytes, GroupLimit(unified, path, "memory.max"));
    } else if (Lists(controllers, "memory")) {
      bytes = std::min(bytes, GroupLimit(legacy, path, "memory.limit_in_bytes"));
    }
  }
  return bytes == kUnlimited ? 0 : bytes;
}

MemoryLimiterOptions DefaultMemoryLimiter(size_t machine_bytes) {
  const size_t limit = std::max(machine_bytes / 2, kLeastBudget);
  return {.limit_bytes = limit, .spike_limit_bytes = limit / 5};
}

}  // namespace flameway
