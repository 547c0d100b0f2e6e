// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/varint.h"

namespace flameway::wire {

VarintStatus ReadVarintSlow(const char*& p, const char* end, uint64_t& value) {
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
