// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace flameway {

// The identity of a row inside one batch: 128 bits over its value, references followed, under a
// secret key. The odds that any two of a million different rows share one are about 2^-89 (2^-49 as
// tables keep it), and without the key nobody can aim at it. Ids follow the order of arrival, never
// fingerprints, so output does not depend on the secret.
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

// Two values of a row that are no fingerprints, for the hash to join.
struct WordPair {
  uint64_t low = 0;
  uint64_t high = 0;
};

// Drawn at random by the embedding program, once per process. All requests and batches that meet
// share one.
struct FingerprintSecret {
  std::array<unsigned char, 32> bytes{};
};

// What the hashes are keyed by, derived from the secret.
struct FingerprintKey {
  alignas(64) std::array<unsigned char, 192> bytes;
#ifdef FLAMEWAY_CHECKED
  uint64_t mask = ~uint64_t{0};  // bits of each half that count
#endif
};

// The keyed hash: rounds of AES where the machine has them (aes_hash.h), XXH3 elsewhere
// (xxh3_hash.h), chosen once, when a process starts; what either yields never leaves the process.
// Immutable after construction; any thread. About 5 ns for a short string or row; tables are done
// as a whole (request/column_prints.h), at half of that.
class Fingerprinter {
 public:
  enum class Hash : uint8_t { kXxh3, kAes };

  explicit Fingerprinter(const FingerprintSecret& secret) : Fingerprinter(secret, Best()) {}
  // `hash` is kXxh3 or Best().
  Fingerprinter(const FingerprintSecret& secret, Hash hash);

  // The fastest one this machine can do.
  [[nodiscard]] static Hash Best();

  [[nodiscard]] Fingerprint Bytes(std::string_view bytes) const;
  // A row laid out as words; the caller fixes what stands where. Rows of different kinds meet in
  // different tables.
  [[nodiscard]] Fingerprint Words(std::span<const uint64_t> words) const;
  // Of rows[indices[0]], rows[indices[1]], ..., in that order.
  [[nodiscard]] Fingerprint Sequence(const Fingerprint* rows,
                                     std::span<const uint32_t> indices) const;
  // A row of two to four parts, each a Fingerprint or a WordPair.
  template <typename... Parts>
  [[nodiscard]] Fingerprint Join(const Parts&... parts) const {
    static_assert(sizeof...(parts) >= 2 && sizeof...(parts) <= 4);
    return JoinParts({{.low = parts.low, .high = parts.high}...});
  }

  [[nodiscard]] const FingerprintSecret& secret() const { return secret_; }
  [[nodiscard]] const FingerprintKey& key() const { return key_; }
  [[nodiscard]] Hash hash() const { return hash_; }

#ifdef FLAMEWAY_CHECKED
  // Keeps only `bits` of each half, to prove that false matches are noticed.
  void WeakenForTest(int bits) { key_.mask = (uint64_t{1} << bits) - 1; }
#endif

 private:
  [[nodiscard]] Fingerprint JoinParts(std::initializer_list<Fingerprint> parts) const;

  FingerprintSecret secret_;
  Hash hash_;
  FingerprintKey key_;
};

}  // namespace flameway
