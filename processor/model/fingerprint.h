// SPDX-License-Identifier: Apache-2.0
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace flameway {

// The identity of a row inside one batch: 128 bits over its value, references followed, under a
// secret key. The odds that any two of a million different rows share one are about 2^-89, and
// without the key nobody can aim at it. Ids follow the order of arrival, never fingerprints, so
// output does not depend on the secret.
struct Fingerprint {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  // Order-free combination, for sets whose members are distinct.
  Fingerprint& operator+=(const Fingerprint& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
};

// Drawn at random by the embedding program, once per process. All requests and batches that meet
// share one.
struct FingerprintSecret {
  std::array<unsigned char, 32> bytes{};
};

// XXH3-128 under a key derived from the secret. Immutable after construction; any thread.
class Fingerprinter {
 public:
  explicit Fingerprinter(const FingerprintSecret& secret);

  // About 5 ns for a short string.
  [[nodiscard]] Fingerprint Bytes(std::string_view bytes) const;
  // A row laid out as words; the caller fixes what stands where. Rows of different kinds meet in
  // different tables.
  [[nodiscard]] Fingerprint Words(std::span<const uint64_t> words) const {
    return Hash(words.data(), words.size_bytes());
  }
  // The same for a number of words known at compile time: the hash is unrolled for it.
  template <size_t N>
  [[nodiscard]] Fingerprint Words(const uint64_t (&words)[N]) const {
    return Hash(words, sizeof words);
  }
  [[nodiscard]] Fingerprint Sequence(std::span<const Fingerprint> members) const;

  [[nodiscard]] const FingerprintSecret& secret() const { return secret_; }

#ifdef FLAMEWAY_CHECKED
  // Keeps only `bits` of each fingerprint, to prove that false matches are noticed.
  void WeakenForTest(int bits) { mask_ = (uint64_t{1} << bits) - 1; }
#endif

 private:
  [[nodiscard]] [[gnu::always_inline]] Fingerprint Hash(const void* data, size_t size) const {
    const XXH128_hash_t hash = XXH3_128bits_withSecret(data, size, key_.data(), kKeyBytes);
#ifdef FLAMEWAY_CHECKED
    return {.low = hash.low64 & mask_, .high = hash.high64 & mask_};
#else
    return {.low = hash.low64, .high = hash.high64};
#endif
  }

  static constexpr size_t kKeyBytes = 192;
  FingerprintSecret secret_;
  alignas(64) std::array<unsigned char, kKeyBytes> key_;
#ifdef FLAMEWAY_CHECKED
  uint64_t mask_ = ~uint64_t{0};
#endif
};

}  // namespace flameway
