// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "bridge/flow/memory_limiter_options.h"

namespace flameway {

// What this process may use: the machine's memory (MemTotal), or less where its control group or
// one above it has a limit, of version 2 (memory.max) or 1 (memory.limit_in_bytes). In a container
// the group's path may name folders of the host; then the limit at the root is the container's.
// 0: not known. `root` is where /proc and /sys are looked for: "" but for tests.
[[nodiscard]] size_t MachineMemoryBytes(const std::string& root = "");

// The budget of a gateway without a memory_limiter: half of `machine_bytes`, at least 256 MiB, a
// fifth of it for the spike.
[[nodiscard]] MemoryLimiterOptions DefaultMemoryLimiter(size_t machine_bytes);

}  // namespace flameway
