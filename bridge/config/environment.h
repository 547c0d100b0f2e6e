// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace flameway {

// The seam to the operating system: everything configuration reads from outside goes through here,
// so that loading is a pure function of it. Callables are called on the loading thread only.
struct Environment {
  std::function<std::optional<std::string>(const std::string& name)> variable;
  // At most kMaxConfigBytes are wanted; a longer file may be cut after one byte more.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file;
  size_t total_memory_bytes = 0;  // what limit_percentage is a percentage of; 0: unknown
};

// The process's own environment variables, files and MachineMemoryBytes.
[[nodiscard]] Environment ProcessEnvironment();

}  // namespace flameway
