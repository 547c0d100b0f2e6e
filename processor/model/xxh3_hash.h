// SPDX-License-Identifier: Apache-2.0
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "processor/model/ascii.h"
#include "processor/model/fingerprint.h"

namespace flameway {

// The hash of machines without AES: XXH3-128 under a secret of our own.
class Xxh3Hash {
 public:
  // Borrowed.
  explicit Xxh3Hash(const FingerprintKey& key) : key_(key) {}

  [[nodiscard]] Fingerprint Bytes(std::string_view bytes) const {
    return Hash(bytes.data(), bytes.size());
  }
  // The same, and `is_ascii` becomes false if a byte is not.
  [[nodiscard]] Fingerprint Text(std::string_view text, bool& is_ascii) const {
    is_ascii = is_ascii && IsAscii(text);
    return Bytes(text);
  }
  [[nodiscard]] Fingerprint Words(std::span<const uint64_t> words) const {
    return Hash(words.data(), words.size_bytes());
  }
  // Of two to four parts, each a Fingerprint or a WordPair.
  template <typename... Parts>
  [[nodiscard]] Fingerprint Join(const Parts&... parts) const {
    static_assert(sizeof...(parts) >= 2 && sizeof...(parts) <= 4);
    const WordPair pairs[] = {{.low = parts.low, .high = parts.high}...};
    return Hash(pairs, sizeof pairs);  // unrolled for the size
  }
  // Of rows[index[0]], rows[index[1]], ..., each a fingerprint, in that order.
  [[nodiscard]] Fingerprint Sequence(const Fingerprint* rows,
                                     std::span<const uint32_t> indices) const {
    Fingerprint all{.low = indices.size()};
    for (const uint32_t index : indices) all = Join(all, rows[index]);
    return all;
  }

 private:
  [[nodiscard]] [[gnu::always_inline]] Fingerprint Hash(const void* data, size_t size) const {
    const XXH128_hash_t hash =
        XXH3_128bits_withSecret(data, size, key_.bytes.data(), key_.bytes.size());
#ifdef FLAMEWAY_CHECKED
    return {.low = hash.low64 & key_.mask, .high = hash.high64 & key_.mask};
#else
    return {.low = hash.low64, .high = hash.high64};
#endif
  }

  const FingerprintKey& key_;
};

}  // namespace flameway
