// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/environment.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "bridge/config/config_node.h"
#include "bridge/flow/machine_memory.h"

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

}  // namespace

Environment ProcessEnvironment() {
  Environment environment;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
  environment.read_file = ReadFile;
  environment.total_memory_bytes = MachineMemoryBytes();
  return environment;
}

}  // namespace flameway
