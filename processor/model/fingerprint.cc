// SPDX-License-Identifier: Apache-2.0
#include "processor/model/fingerprint.h"

#include <algorithm>

namespace flameway {

Fingerprinter::Fingerprinter(const FingerprintSecret& secret) : secret_(secret) {
  // Six independent streams of 32 bytes: XXH3's own default key mixed with the secret would leave
  // parts of it known.
  for (size_t i = 0; i < kKeyBytes; i += sizeof(XXH128_hash_t)) {
    const XXH128_hash_t part =
        XXH3_128bits_withSeed(secret.bytes.data(), secret.bytes.size(), 0x666c616d65776179 + i);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, part);
    std::copy(std::begin(canonical.digest), std::end(canonical.digest),
              key_.begin() + static_cast<long>(i));
  }
}

Fingerprint Fingerprinter::Bytes(std::string_view bytes) const {
  return Hash(bytes.data(), bytes.size());
}

Fingerprint Fingerprinter::Sequence(std::span<const Fingerprint> members) const {
  return Hash(members.data(), members.size_bytes());
}

}  // namespace flameway
