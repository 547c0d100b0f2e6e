// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace flameway {

// CRC-32C (Castagnoli) of `bytes`, as snappy framing wants it. With SSE 4.2 8 bytes per
// instruction, else a table with 8 bytes per step.
[[nodiscard]] uint32_t Crc32c(std::string_view bytes);

// The table alone, to be compared with the instruction.
[[nodiscard]] uint32_t Crc32cPortableForTest(std::string_view bytes);

}  // namespace flameway
