// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "bridge/config/config_node.h"
#include "bridge/config/core_schema.h"

namespace flameway {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) return absl::NotFoundError(std::strerror(errno));
  std::string text(kMaxConfigBytes + 1, '\0');
  const size_t n = std::fread(text.data(), 1, text.size(), file.get());
  if (std::ferror(file.get()) != 0) return absl::UnavailableError(std::strerror(errno));
  text.resize(n);
  return text;
}

size_t MemoryLimitOf(const char* path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return 0;
  while (!text->empty() && text->back() == '\n') text->pop_back();
  const std::optional<int64_t> bytes = ParseCoreInt(*text);  // "max" is no number: no limit
  return bytes && *bytes > 0 ? static_cast<size_t>(*bytes) : 0;
}

size_t TotalMemoryBytes() {
  const int64_t pages = sysconf(_SC_PHYS_PAGES);
  const int64_t page_bytes = sysconf(_SC_PAGESIZE);
  size_t total = pages > 0 && page_bytes > 0 ? static_cast<size_t>(pages * page_bytes) : 0;
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const size_t limit = MemoryLimitOf(path);
    if (limit != 0) total = total == 0 ? limit : std::min(total, limit);
  }
  return total;
}

}  // namespace

Environment ProcessEnvironment() {
  Environment environment;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
  environment.read_file = ReadFile;
  environment.total_memory_bytes = TotalMemoryBytes();
  return environment;
}

}  // namespace flameway
