// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "processor/batch/content.h"

namespace flameway {

// Requests that come one after the other, good or bad, and what becomes of them.
struct MergeStory {
  std::vector<std::string> requests;
  Coalesce coalesce = Coalesce::kLossless;
  // Where the batch is split: at this share of its encoded size, of 256.
  size_t split_share = 128;
};

// Merges what is accepted of the requests, in OTLP 1.10, and says what is wrong; empty if nothing:
//
// - the output means what libprotobuf reads in the accepted profiles (request_meaning.h), and so
//   does the output with references; both are well formed and read without a repair, as 1.10
// - what may be joined without loss is joined (joined.h)
// - the parts of a split batch fit, mean the whole together, and their counts sum to it
// - the bytes do not depend on the fingerprint secret, on memory used before, on encoding twice
// - merging the output again, and that again, gives the same bytes from then on
// - merging in the opposite order means the same
// - no bound on the size of the encoded batch is exceeded
//
// Requests nested deeper than the decoder looks are left out: nobody reads those the same way.
[[nodiscard]] std::string MergeDisagreement(const MergeStory& story);

}  // namespace flameway
