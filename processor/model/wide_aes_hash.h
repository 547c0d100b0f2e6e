// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "processor/model/aes_hash.h"
#include "processor/model/fingerprint.h"

namespace flameway {

// AesHash, its four lanes in one register (wire::Instructions::wide_bytes): the same fingerprints,
// those of strings in two thirds of the time. Loads are masked, so no page is read that the string
// is not on.
class WideAesHash : public AesHash {
 public:
  [[gnu::target("avx512bw,avx512vl,vaes,bmi2,aes,sse4.1")]] explicit WideAesHash(
      const FingerprintKey& key)
      : AesHash(key),
        whiten_(_mm512_load_si512(key.bytes.data())),
        rounds_{InEachLane(Key(kRound)), InEachLane(Key(kSecondRound)),
                InEachLane(Key(kThirdRound)), InEachLane(Key(kFourthRound))} {}

  // As AesHash::Text.
  [[nodiscard]] [[gnu::target("avx512bw,avx512vl,vaes,bmi2,aes,sse4.1")]] Fingerprint Text(
      std::string_view text, bool& is_ascii) const {
    const char* p = text.data();
    size_t left = text.size();
    __m512i lanes = whiten_;
    __mmask64 not_ascii = 0;
    for (; left > kBlock; left -= kBlock, p += kBlock) [[unlikely]] {
        const __m512i data = _mm512_loadu_si512(p);
        not_ascii |= _mm512_movepi8_mask(data);
        lanes = _mm512_xor_si512(lanes, data);
        for (const __m512i& round : rounds_) lanes = _mm512_aesenc_epi128(lanes, round);
      }
    const __m512i data =
        _mm512_maskz_loadu_epi8(_bzhi_u64(~uint64_t{0}, static_cast<uint32_t>(left)), p);
    if ((not_ascii | _mm512_movepi8_mask(data)) != 0) is_ascii = false;
    lanes = _mm512_aesenc_epi128(_mm512_xor_si512(lanes, data), rounds_[0]);
    lanes = _mm512_aesenc_epi128(lanes, rounds_[1]);
    // Lanes a and c, then b and d: the one folded into the other.
    lanes = _mm512_maskz_shuffle_i64x2(0xFF, lanes, lanes, 0b11'01'10'00);
    const __m256i pairs = _mm256_aesenc_epi128(Half<0>(lanes), Half<1>(lanes));
    return Finish(
        _mm_aesenc_si128(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1)),
        text.size());
  }

 private:
  // By the forms with a mask: those without leave GCC 12 in fear of something uninitialised.
  [[gnu::target("avx512bw")]] static __m512i InEachLane(__m128i key) {
    return _mm512_maskz_broadcast_i32x4(0xFFFF, key);
  }
  template <int number>
  [[gnu::target("avx512bw")]] static __m256i Half(__m512i whole) {
    return _mm512_maskz_extracti64x4_epi64(0xFF, whole, number);
  }

  __m512i whiten_;
  __m512i rounds_[4];
};

}  // namespace flameway

#endif  // defined(__x86_64__)
