// SPDX-License-Identifier: Apache-2.0
// Base-128 varints: 7 bits a byte, low bits first, bit 7 says "more follows", at most 10 bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

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

// How far a read may look past the end of what it reads, where the caller has seen that there is so
// much more input. Then whole words are loaded, and whether the end was kept to is asked once,
// after the last field, instead of for each.
inline constexpr size_t kLookAhead = 16;

// A varint whose length nobody can predict: up to 8 bytes without a branch on it. 8 bytes at `p`
// can be read. False for a longer one; then `p` stays.
[[nodiscard]] inline bool ReadVarintAhead(const char*& p, uint64_t& value) {
  uint64_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  const uint64_t last = ~bytes & 0x8080808080808080;  // its lowest bit ends the varint
  if (last == 0) [[unlikely]]
    return false;
  p += (static_cast<size_t>(std::countr_zero(last)) + 1) / 8;
  bytes &= last ^ (last - 1);
  // Groups of 7 bits move together by twos, fours and eights.
  bytes = (bytes & 0x007F007F007F007F) | (bytes & 0x7F007F007F007F00) >> 1;
  bytes = (bytes & 0x00003FFF00003FFF) | (bytes & 0x3FFF00003FFF0000) >> 2;
  value = (bytes & 0x000000000FFFFFFF) | (bytes & 0x0FFFFFFF00000000) >> 4;
  return true;
}

// The same for values that mostly take one or two bytes, as row numbers do: a third of the
// instructions for those, a branch for the others.
[[nodiscard]] inline bool ReadShortVarintAhead(const char*& p, uint64_t& value) {
  uint16_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  if ((bytes & 0x8080) == 0x8080) [[unlikely]]
    return ReadVarintAhead(p, value);
  const uint32_t more = bytes >> 7 & 1;
  value = (bytes & 0x7F) | (bytes >> 1 & 0x3F80 & (0 - more));
  p += 1 + more;
  return true;
}

}  // namespace flameway::wire
