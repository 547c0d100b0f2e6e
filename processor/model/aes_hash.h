// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "absl/base/config.h"
#include "processor/model/fingerprint.h"

namespace flameway {

// The hash of machines that have AES instructions: half the time of XXH3 for a row, a third for a
// string, mostly because no branch depends on a string's length.
//
//   block   64 bytes in four lanes, zeroes behind the end, each lane whitened by a key of its own
//   bytes   all blocks but the last are absorbed by four rounds each; the last by two; the lanes
//           are folded, one round each, and two rounds end it, the size among their keys
//   parts   of a row: one block, with as many lanes as there are parts
//   list    of fingerprints: two chains, one round a member. Members are secret values already.
//
// Two inputs that somebody chooses without the key meet with odds below 2^-80: a difference in the
// last block has passed at least 14 active S-boxes before it can be cancelled, one in an earlier
// block 25 (four rounds of AES), 2^-6 each. See docs/decisions/0011-fingerprints-by-aes-rounds.md.
//
// Its functions need the instructions they name; who calls them has asked the processor first
// (Fingerprinter::Best).
class AesHash {
 public:
  // Borrowed.
  explicit AesHash(const FingerprintKey& key) : key_(key) {}

  [[nodiscard]] [[gnu::target("aes,sse4.1")]] Fingerprint Bytes(std::string_view bytes) const {
    __m128i seen = _mm_setzero_si128();
    return Absorb(bytes, seen);
  }
  // The same, and `is_ascii` becomes false if a byte is not.
  [[nodiscard]] [[gnu::target("aes,sse4.1")]] Fingerprint Text(std::string_view text,
                                                               bool& is_ascii) const {
    __m128i seen = _mm_setzero_si128();
    const Fingerprint print = Absorb(text, seen);
    if (_mm_movemask_epi8(seen) != 0) is_ascii = false;
    return print;
  }

  [[nodiscard]] [[gnu::target("aes,sse4.1")]] Fingerprint Words(
      std::span<const uint64_t> words) const {
    return Bytes({reinterpret_cast<const char*>(words.data()), words.size_bytes()});
  }

  // Of two to four parts, each a Fingerprint or a WordPair.
  template <typename... Parts>
  [[nodiscard]] [[gnu::target("aes,sse4.1")]] Fingerprint Join(const Fingerprint& first,
                                                               const Parts&... rest) const {
    static_assert(sizeof...(rest) >= 1 && sizeof...(rest) <= 3);
    __m128i all = TwoRounds(_mm_xor_si128(Vector(first), Key(0)));
    size_t lane = 0;
    ((all = _mm_aesenc_si128(all, TwoRounds(_mm_xor_si128(Vector(rest), Key(++lane))))), ...);
    return Finish(all, 1 + sizeof...(rest));
  }

  // Of rows[index[0]], rows[index[1]], ..., each a fingerprint, in that order.
  [[nodiscard]] [[gnu::target("aes,sse4.1")]] Fingerprint Sequence(
      const Fingerprint* rows, std::span<const uint32_t> indices) const {
    __m128i a = Key(0);
    __m128i b = Key(1);
    const __m128i round = Key(kRound);
    const uint32_t* index = indices.data();
    const uint32_t* const end = index + indices.size();
    for (; end - index >= 2; index += 2) {
      a = _mm_aesenc_si128(_mm_xor_si128(a, Load(rows + index[0])), round);
      b = _mm_aesenc_si128(_mm_xor_si128(b, Load(rows + index[1])), round);
    }
    if (index != end) a = _mm_aesenc_si128(_mm_xor_si128(a, Load(rows + *index)), round);
    return Finish(_mm_aesenc_si128(a, b), indices.size());
  }

 protected:
  // Which 16 bytes of the key do what; 0 to 3 whiten the lanes.
  static constexpr size_t kRound = 4, kSecondRound = 5, kThirdRound = 6, kFourthRound = 7;
  static constexpr size_t kFinish = 8, kLastRound = 9;
  static constexpr size_t kBlock = 64;

  [[gnu::target("aes,sse4.1")]] static __m128i Load(const void* p) {
    return _mm_loadu_si128(static_cast<const __m128i*>(p));
  }
  [[gnu::target("aes,sse4.1")]] static __m128i Vector(const Fingerprint& print) {
    return Load(&print);
  }
  // From registers: a load of what two stores have just written would wait for them.
  [[gnu::target("aes,sse4.1")]] static __m128i Vector(const WordPair& pair) {
    return _mm_set_epi64x(static_cast<long long>(pair.high), static_cast<long long>(pair.low));
  }
  [[nodiscard]] [[gnu::target("aes,sse4.1")]] __m128i Key(size_t number) const {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(key_.bytes.data()) + number);
  }
  [[nodiscard]] [[gnu::target("aes,sse4.1")]] __m128i TwoRounds(__m128i lane) const {
    return _mm_aesenc_si128(_mm_aesenc_si128(lane, Key(kRound)), Key(kSecondRound));
  }
  [[nodiscard]] [[gnu::target("aes,sse4.1")]] __m128i FourRounds(__m128i lane) const {
    lane = _mm_aesenc_si128(lane, Key(kRound));
    lane = _mm_aesenc_si128(lane, Key(kSecondRound));
    lane = _mm_aesenc_si128(lane, Key(kThirdRound));
    return _mm_aesenc_si128(lane, Key(kFourthRound));
  }
  [[nodiscard]] [[gnu::target("aes,sse4.1")]] Fingerprint Finish(__m128i all, size_t size) const {
    const __m128i sized =
        _mm_xor_si128(Key(kFinish), _mm_cvtsi64_si128(static_cast<long long>(size)));
    all = _mm_aesenc_si128(_mm_aesenc_si128(all, sized), Key(kLastRound));
    Fingerprint print;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(&print), all);
#ifdef FLAMEWAY_CHECKED
    print.low &= key_.mask;
    print.high &= key_.mask;
#endif
    return print;
  }

 private:
  // `seen` collects the bits of all bytes.
  [[nodiscard]] [[gnu::target("aes,sse4.1")]] Fingerprint Absorb(std::string_view bytes,
                                                                 __m128i& seen) const {
    const size_t size = bytes.size();
    const char* p = bytes.data();
    size_t left = size;
    std::array<char, kBlock> copy;
    if (left < kBlock && (left == 0 || !MayReadBlock(p))) [[unlikely]] {
      copy.fill(0);
      if (left > 0) std::memcpy(copy.data(), p, left);
      p = copy.data();
    }
    __m128i a = Key(0);
    __m128i b = Key(1);
    __m128i c = Key(2);
    __m128i d = Key(3);
    for (; left > kBlock; left -= kBlock, p += kBlock) [[unlikely]] {
        const __m128i data[] = {Load(p), Load(p + 16), Load(p + 32), Load(p + 48)};
        seen = _mm_or_si128(
            seen, _mm_or_si128(_mm_or_si128(data[0], data[1]), _mm_or_si128(data[2], data[3])));
        a = FourRounds(_mm_xor_si128(a, data[0]));
        b = FourRounds(_mm_xor_si128(b, data[1]));
        c = FourRounds(_mm_xor_si128(c, data[2]));
        d = FourRounds(_mm_xor_si128(d, data[3]));
        if (left - kBlock < kBlock && !MayReadBlock(p + kBlock)) [[unlikely]] {
          copy.fill(0);
          std::memcpy(copy.data(), p + kBlock, left - kBlock);
          p = copy.data() - kBlock;
        }
      }
    const unsigned char* const mask = kMask.data() + (kBlock - left);
    const __m128i data[] = {
        _mm_and_si128(Load(p), Load(mask)), _mm_and_si128(Load(p + 16), Load(mask + 16)),
        _mm_and_si128(Load(p + 32), Load(mask + 32)), _mm_and_si128(Load(p + 48), Load(mask + 48))};
    seen = _mm_or_si128(
        seen, _mm_or_si128(_mm_or_si128(data[0], data[1]), _mm_or_si128(data[2], data[3])));
    const __m128i ab = _mm_aesenc_si128(TwoRounds(_mm_xor_si128(a, data[0])),
                                        TwoRounds(_mm_xor_si128(b, data[1])));
    const __m128i cd = _mm_aesenc_si128(TwoRounds(_mm_xor_si128(c, data[2])),
                                        TwoRounds(_mm_xor_si128(d, data[3])));
    return Finish(_mm_aesenc_si128(ab, cd), size);
  }

  // Whether a whole block can be read at `p` though the text may end before: it crosses into no
  // other page. What lies behind the text is masked away; sanitizers call it a race all the same.
  static bool MayReadBlock(const char* p) {
    constexpr uintptr_t kPage = 4096;
    return kMayReadBehind && (reinterpret_cast<uintptr_t>(p) & (kPage - 1)) <= kPage - kBlock;
  }
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
  static constexpr bool kMayReadBehind = false;
#else
  static constexpr bool kMayReadBehind = true;
#endif

  // 64 bytes of ones, then 64 of zeroes: read from 64 - n on, it keeps n bytes.
  static constexpr std::array<unsigned char, 2 * kBlock> kMask = [] {
    std::array<unsigned char, 2 * kBlock> mask{};
    for (size_t i = 0; i < kBlock; ++i) mask[i] = 0xFF;
    return mask;
  }();

  const FingerprintKey& key_;
};

}  // namespace flameway

#endif  // defined(__x86_64__)
