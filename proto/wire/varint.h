// SPDX-License-Identifier: Apache-2.0
// Base-128 varints: 7 bits a byte, low bits first, bit 7 says "more follows", at most 10 bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace flameway::wire {

inline constexpr size_t kMaxVarintBytes = 10;

// Bytes that `value` takes, 1 to 10.
[[nodiscard]] constexpr size_t VarintSize(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// Writes `value` at `out`, which has room for VarintSize(value) bytes; returns the byte after it.
inline char* WriteVarint(char* out, uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

// Result of ReadVarint's slow path.
enum class VarintStatus : uint8_t { kOk, kTruncated, kTooLong };

// Reads at [p, end) and moves `p` past what was read. Overlong forms within 10 bytes are accepted,
// bits above the 64th are cut, both as protobuf does.
VarintStatus ReadVarintSlow(const char*& p, const char* end, uint64_t& value);

// One and two bytes, which is what lengths and row numbers take, are read inline.
inline VarintStatus ReadVarint(const char*& p, const char* end, uint64_t& value) {
  if (end - p >= 2) [[likely]] {
    const auto first = static_cast<unsigned char>(p[0]);
    if (first < 0x80) {
      value = first;
      ++p;
      return VarintStatus::kOk;
    }
    const auto second = static_cast<unsigned char>(p[1]);
    if (second < 0x80) {
      value = (first & 0x7F) | uint64_t{second} << 7;
      p += 2;
      return VarintStatus::kOk;
    }
  }
  return ReadVarintSlow(p, end, value);
}

}  // namespace flameway::wire
