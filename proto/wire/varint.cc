// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/varint.h"

#include <cstring>

namespace flameway::wire {
namespace {

// Joins the low 7 bits of each byte, in three steps of pairs.
uint64_t JoinSevens(uint64_t x) {
  x = (x & 0x007F007F007F007F) | (x & 0x7F007F007F007F00) >> 1;
  x = (x & 0x00003FFF00003FFF) | (x & 0x3FFF00003FFF0000) >> 2;
  return (x & 0x000000000FFFFFFF) | (x & 0x0FFFFFFF00000000) >> 4;
}

}  // namespace

VarintStatus ReadVarintSlow(const char*& p, const char* end, uint64_t& value) {
  constexpr uint64_t kContinues = 0x8080808080808080;
  if (end - p >= 8) [[likely]] {  // addresses, mostly: up to 8 bytes at once
    uint64_t word;
    std::memcpy(&word, p, sizeof word);
    if (const uint64_t last = ~word & kContinues; last != 0) {
      p += (__builtin_ctzll(last) + 1) / 8;
      value = JoinSevens(word & (last ^ (last - 1)) & ~kContinues);
      return VarintStatus::kOk;
    }
  }
  uint64_t result = 0;
  const char* q = p;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (q == end) return VarintStatus::kTruncated;
    const auto byte = static_cast<unsigned char>(*q++);
    result |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      p = q;
      value = result;
      return VarintStatus::kOk;
    }
  }
  return VarintStatus::kTooLong;
}

}  // namespace flameway::wire
