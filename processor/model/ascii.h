// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace flameway {

// By words of 8, the last one overlapping; nearly all names are ASCII.
[[nodiscard]] inline bool IsAscii(std::string_view text) {
  const auto word = [&](size_t i) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + i, sizeof bytes);
    return bytes;
  };
  uint64_t bits = 0;
  if (text.size() < 8) {
    for (const char c : text) bits |= static_cast<unsigned char>(c);
    return bits < 0x80;
  }
  for (size_t i = 0; i + 8 < text.size(); i += 8) bits |= word(i);
  bits |= word(text.size() - 8);
  return (bits & 0x8080808080808080) == 0;
}

}  // namespace flameway
