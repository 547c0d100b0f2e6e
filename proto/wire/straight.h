// SPDX-License-Identifier: Apache-2.0
// What straight ways through rows are made of: loops that expect certain fields and leave a row
// with anything else to a slow twin. kLookAhead bytes behind such a row can be read, so reads look
// at its end once, after the last field. Whatever is inlined by force here goes into functions that
// may use instructions this header may not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "proto/wire/reader.h"
#include "proto/wire/varint.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace flameway::wire {

// Varints where kLookAhead bytes can be read. False for one of more than eight bytes.
struct Varints {
  static bool Read(const char*& p, uint64_t& value) { return ReadVarintAhead(p, value); }
  // One that mostly takes one or two bytes.
  static bool ReadShort(const char*& p, uint64_t& value) { return ReadShortVarintAhead(p, value); }
};

#if defined(__x86_64__)

// The same by PEXT: a third of the instructions, and no branch for either kind.
struct VarintsByPext {
  [[gnu::target("bmi,bmi2")]] static bool Read(const char*& p, uint64_t& value) {
    constexpr uint64_t kLast = 0x8080808080808080;
    uint64_t bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    const uint64_t last = ~bytes & kLast;  // its lowest bit ends the varint
    if (last == 0) [[unlikely]]
      return false;
    value = _pext_u64(bytes, (last ^ (last - 1)) & ~kLast);
    p += (static_cast<size_t>(_tzcnt_u64(last)) + 1) / 8;
    return true;
  }
  [[gnu::target("bmi,bmi2")]] static bool ReadShort(const char*& p, uint64_t& value) {
    return Read(p, value);
  }
};

#endif

// In which order a straight way takes the fields of a row. Who expects one order keeps fewer values
// at hand, and stores fewer: half the time.
enum class FieldOrder : uint8_t {
  kDescending,  // from the highest number to the lowest, as pdata writes them
  kAny,
};

// Whether a field with this tag of one byte starts at `p`, in a row that ends at `end`.
[[gnu::always_inline]] inline bool IsAt(const char* p, const char* end, unsigned char tag) {
  return p < end && static_cast<unsigned char>(*p) == tag;
}

// A message that has only varint fields, numbered below 16: `values`, which start as zero, are
// those of fields N to 1. Of a repeated field the last counts. False for anything else.
template <typename Reads, FieldOrder order, typename... Values>
[[gnu::always_inline]] [[nodiscard]] inline bool TakeVarintFields(const char* p, const char* end,
                                                                  Values&... values) {
  const char* before;
  do {
    before = p;
    uint32_t field = sizeof...(values);
    const bool taken =
        ((!IsAt(p, end, OneByteTag(field--, WireType::kVarint)) || Reads::ReadShort(++p, values)) &&
         ...);
    if (!taken) return false;
  } while (order == FieldOrder::kAny && p < end && p != before);
  return p == end;
}

}  // namespace flameway::wire
