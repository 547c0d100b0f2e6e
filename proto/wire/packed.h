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

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace flameway::wire {

inline constexpr size_t kNotStraight = SIZE_MAX;
// So many numbers more than a list has may be written behind it.
inline constexpr size_t kSpareNumbers = 64;

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
#if defined(__x86_64__)
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

#if defined(__x86_64__)

// The same by AVX-512 (Instructions::wide_bytes), 64 bytes at a time whatever the lengths of their
// numbers: half the time. Only of numbers of two bytes, so `limit` is at most kWideLimit. Nothing
// behind the list is read, but the byte before it is.
inline constexpr uint32_t kWideLimit = 1u << 14;

// The forms with a mask: those without leave GCC 12 in fear of something uninitialised.
template <int number>
[[gnu::target("avx512bw")]] inline __m256i Half(__m512i whole) {
  return _mm512_maskz_extracti64x4_epi64(0xFF, whole, number);
}

// 32 numbers to `out`: the seven bits of each that `low` has, and those above them. Returns the
// larger ones of these and of `largest`.
[[gnu::target("avx512bw,avx512vl,avx512vbmi2,bmi2")]] inline __m512i WriteWide(__m256i low,
                                                                               __m256i high,
                                                                               __m512i largest,
                                                                               uint32_t* out) {
  const __m512i numbers =
      _mm512_or_si512(_mm512_cvtepu8_epi16(low), _mm512_slli_epi16(_mm512_cvtepu8_epi16(high), 7));
  _mm512_storeu_si512(out, _mm512_maskz_cvtepu16_epi32(0xFFFF, Half<0>(numbers)));
  _mm512_storeu_si512(out + 16, _mm512_maskz_cvtepu16_epi32(0xFFFF, Half<1>(numbers)));
  return _mm512_max_epi16(largest, numbers);
}

[[nodiscard]] [[gnu::target("avx512bw,avx512vl,avx512vbmi2,bmi2")]] inline size_t
ReadRowNumbersWide(std::string_view list, uint32_t limit, uint32_t* out) {
  constexpr size_t kStep = 64;
  const char* p = list.data();
  uint32_t* const begin = out;
  const __m512i low_bits = _mm512_set1_epi8(0x7F);
  __m512i largest = _mm512_setzero_si512();
  uint64_t carry = 0;  // 1: the step before ended amid a number
  for (size_t left = list.size(); left > 0;) {
    const size_t size = std::min(left, kStep);
    const uint64_t here = _bzhi_u64(~uint64_t{0}, static_cast<uint32_t>(size));
    const __m512i bytes = _mm512_maskz_loadu_epi8(here, p);
    const __m512i before = _mm512_maskz_loadu_epi8(here, p - 1);
    const uint64_t goes_on = _mm512_movepi8_mask(bytes);
    const uint64_t second = goes_on << 1 | carry;  // of two
    if ((goes_on & second) != 0) [[unlikely]]
      return kNotStraight;
    // Where a number ends: its low seven bits, and those above them.
    const uint64_t last = here & ~goes_on;
    const auto count = static_cast<uint32_t>(_mm_popcnt_u64(last));
    const __m512i low = _mm512_maskz_compress_epi8(
        last, _mm512_mask_blend_epi8(second, bytes, _mm512_and_si512(before, low_bits)));
    const __m512i high = _mm512_maskz_compress_epi8(last, _mm512_maskz_mov_epi8(second, bytes));
    largest = WriteWide(Half<0>(low), Half<0>(high), largest, out);
    if (count > kStep / 2)
      largest = WriteWide(Half<1>(low), Half<1>(high), largest, out + kStep / 2);
    out += count;
    carry = goes_on >> (size - 1);
    p += size;
    left -= size;
  }
  const __m512i most = _mm512_set1_epi16(static_cast<int16_t>(limit - 1));
  return carry == 0 && _mm512_cmpgt_epi16_mask(largest, most) == 0
             ? static_cast<size_t>(out - begin)
             : kNotStraight;
}

#endif

}  // namespace flameway::wire
