// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace flameway {

// Numbers with units for human readers; bridge/config/core_schema.h reads such text.

[[nodiscard]] std::string FormatBytes(uint64_t bytes);                 // "1.2 MiB", "512 B"
[[nodiscard]] std::string FormatCount(uint64_t count);                 // "1 842 003"
[[nodiscard]] std::string FormatRatio(uint64_t part, uint64_t whole);  // "30.2 %"; "-" of nothing

}  // namespace flameway
