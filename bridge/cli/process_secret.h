// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/flow/random_bytes.h"
#include "processor/model/fingerprint.h"

namespace flameway {

// The key of fingerprints of one run of a file command.
[[nodiscard]] inline FingerprintSecret DrawProcessSecret() {
  FingerprintSecret secret;
  FillRandom(&secret, sizeof secret);
  return secret;
}

}  // namespace flameway
