// SPDX-License-Identifier: Apache-2.0
#include "processor/model/fingerprint.h"

#include <algorithm>

#include "processor/model/aes_hash.h"
#include "processor/model/xxh3_hash.h"

namespace flameway {
namespace {

template <typename Hash>
Fingerprint JoinWith(const Hash& hash, const Fingerprint* parts, size_t count) {
  switch (count) {
    case 2:
      return hash.Join(parts[0], parts[1]);
    case 3:
      return hash.Join(parts[0], parts[1], parts[2]);
    default:
      return hash.Join(parts[0], parts[1], parts[2], parts[3]);
  }
}

}  // namespace

Fingerprinter::Fingerprinter(const FingerprintSecret& secret, Hash hash)
    : secret_(secret), hash_(hash) {
  // Independent streams: XXH3's own default key mixed with the secret would leave parts of it
  // known.
  for (size_t i = 0; i < key_.bytes.size(); i += sizeof(XXH128_hash_t)) {
    const XXH128_hash_t part =
        XXH3_128bits_withSeed(secret.bytes.data(), secret.bytes.size(), 0x666c616d65776179 + i);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, part);
    std::copy(std::begin(canonical.digest), std::end(canonical.digest),
              key_.bytes.begin() + static_cast<long>(i));
  }
}

#if defined(__x86_64__)

Fingerprinter::Hash Fingerprinter::Best() {
  const bool has_aes = __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.1");
  return has_aes ? Hash::kAes : Hash::kXxh3;
}

Fingerprint Fingerprinter::Bytes(std::string_view bytes) const {
  return hash_ == Hash::kAes ? AesHash(key_).Bytes(bytes) : Xxh3Hash(key_).Bytes(bytes);
}

Fingerprint Fingerprinter::Words(std::span<const uint64_t> words) const {
  return hash_ == Hash::kAes ? AesHash(key_).Words(words) : Xxh3Hash(key_).Words(words);
}

Fingerprint Fingerprinter::Sequence(const Fingerprint* rows,
                                    std::span<const uint32_t> indices) const {
  return hash_ == Hash::kAes ? AesHash(key_).Sequence(rows, indices)
                             : Xxh3Hash(key_).Sequence(rows, indices);
}

Fingerprint Fingerprinter::JoinParts(std::initializer_list<Fingerprint> parts) const {
  return hash_ == Hash::kAes ? JoinWith(AesHash(key_), parts.begin(), parts.size())
                             : JoinWith(Xxh3Hash(key_), parts.begin(), parts.size());
}

#else

Fingerprinter::Hash Fingerprinter::Best() { return Hash::kXxh3; }

Fingerprint Fingerprinter::Bytes(std::string_view bytes) const {
  return Xxh3Hash(key_).Bytes(bytes);
}

Fingerprint Fingerprinter::Words(std::span<const uint64_t> words) const {
  return Xxh3Hash(key_).Words(words);
}

Fingerprint Fingerprinter::Sequence(const Fingerprint* rows,
                                    std::span<const uint32_t> indices) const {
  return Xxh3Hash(key_).Sequence(rows, indices);
}

Fingerprint Fingerprinter::JoinParts(std::initializer_list<Fingerprint> parts) const {
  return JoinWith(Xxh3Hash(key_), parts.begin(), parts.size());
}

#endif

}  // namespace flameway
