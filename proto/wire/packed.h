// SPDX-License-Identifier: Apache-2.0
// Packed lists of row numbers, which take one or two bytes each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/wire/varint.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace flameway::wire {

inline constexpr size_t kNotStraight = SIZE_MAX;
// So many numbers more than a list has may be written behind it.
inline constexpr size_t kSpareNumbers = 8;

// Reads the numbers of `list`, each below `limit`, to `out`, which has room for one a byte and
// kSpareNumbers more. kLookAhead bytes behind the list can be read, and `limit` is at least 1.
// Returns how many there are, or kNotStraight for what a caller has to look at with care: a number
// that is too large, takes more than eight bytes or is cut off. Runs of numbers of one length are
// read up to eight at a time, with what every x86-64 has: a fifth of the instructions of reading
// them one by one.
[[nodiscard]] inline size_t ReadRowNumbers(std::string_view list, uint32_t limit, uint32_t* out) {
  const char* p = list.data();
  const char* const end = p + list.size();
  uint32_t* const begin = out;
  uint64_t largest = 0;
#if defined(__SSE2__)
  // Read from 8 - n on: n times all ones, then zeroes.
  alignas(16) static constexpr std::array<int16_t, 16> kFirst = {-1, -1, -1, -1, -1, -1, -1, -1};
  const __m128i zero = _mm_setzero_si128();
  __m128i largest_of_eight = zero;
  while (p < end) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const auto goes_on = static_cast<uint32_t>(_mm_movemask_epi8(bytes));
    const auto left = static_cast<size_t>(end - p);
    const auto singles = static_cast<size_t>(std::countr_zero(goes_on | 0x100));
    __m128i numbers;
    size_t count;
    if (singles > 0) {
      numbers = _mm_unpacklo_epi8(bytes, zero);
      count = std::min(singles, left);
      p += count;
    } else {
      const auto pairs = static_cast<size_t>(std::countr_zero((goes_on ^ 0x5555) | 0x10000)) / 2;
      count = std::min(pairs, left / 2);
      if (count == 0) [[unlikely]] {  // of more bytes, or cut off
        uint64_t number;
        if (!ReadVarintAhead(p, number)) return kNotStraight;
        largest = std::max(largest, number);
        *out++ = static_cast<uint32_t>(number);
        continue;
      }
      numbers = _mm_or_si128(_mm_and_si128(bytes, _mm_set1_epi16(0x7F)),
                             _mm_and_si128(_mm_srli_epi16(bytes, 1), _mm_set1_epi16(0x3F80)));
      p += 2 * count;
    }
    const __m128i first =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(kFirst.data() + 8 - count));
    largest_of_eight = _mm_max_epi16(largest_of_eight, _mm_and_si128(numbers, first));
    auto* const to = reinterpret_cast<__m128i*>(out);
    _mm_storeu_si128(to, _mm_unpacklo_epi16(numbers, zero));
    _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(numbers, zero));
    out += count;
  }
  // Two bytes hold numbers below 2^14.
  const auto most = static_cast<int16_t>(std::min<uint32_t>(limit, 1u << 14) - 1);
  if (_mm_movemask_epi8(_mm_cmpgt_epi16(largest_of_eight, _mm_set1_epi16(most))) != 0)
    return kNotStraight;
#else
  while (p < end) {
    uint64_t number;
    if (!ReadShortVarintAhead(p, number)) return kNotStraight;
    largest = std::max(largest, number);
    *out++ = static_cast<uint32_t>(number);
  }
#endif
  return p == end && largest < limit ? static_cast<size_t>(out - begin) : kNotStraight;
}

}  // namespace flameway::wire
