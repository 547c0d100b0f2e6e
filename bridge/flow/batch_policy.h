// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "processor/batch/batch.h"

namespace flameway {

// When an open batch is sealed and which profiles it may join. Whichever trigger comes first seals;
// a batch that the next request could push past a bound is sealed before that request is merged.
// Defaults are the Collector's.
struct BatchPolicy {
  size_t send_batch_samples = 8'192;  // seal once this many samples came in; 0: no sample trigger
  // Bound of one outgoing message: a batch is sealed before a request that would pass it, and a
  // request that alone is larger leaves in several. 0: none.
  size_t send_batch_max_samples = 0;
  size_t max_bytes = 0;  // bound of the encoded size before compression; 0: BatchLimits only
  std::chrono::milliseconds timeout{
      200};  // age of the oldest request in the batch; 0: seal after each request
  Coalesce coalesce = Coalesce::kLossless;

  friend bool operator==(const BatchPolicy&, const BatchPolicy&) = default;
};

}  // namespace flameway
