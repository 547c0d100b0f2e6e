// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bridge/compress/codec.h"

namespace flameway {

// Stable over retries; random. Sent as `x-profile-batch-id` in hex, unless it is all zero: what is
// sent without one can be sent again without looking like a repetition.
using BatchId = std::array<uint8_t, 16>;

// What a frame stands for, in units of what was received. Conservation is counted in these.
struct FrameCounts {
  uint64_t profiles = 0;  // accepted profiles that went in, not merged ones that come out
  uint64_t samples = 0;   // accepted samples that went in; what the Collector's metrics count

  FrameCounts& operator+=(const FrameCounts& other) {
    profiles += other.profiles;
    samples += other.samples;
    return *this;
  }
  friend bool operator==(const FrameCounts&, const FrameCounts&) = default;
};

// A sealed, encoded and compressed ExportProfilesServiceRequest, as it lies in a queue and goes to
// a destination. Immutable once built; exporters share one by shared_ptr<const Frame>, because
// several of them may want the very same bytes for different lengths of time.
struct Frame {
  BatchId id{};
  Codec codec = Codec::kNone;
  std::string payload;
  size_t uncompressed_bytes = 0;
  FrameCounts counts;        // of this frame; the parts of a split batch sum to the batch
  uint64_t samples_out = 0;  // samples in the message after merging, for humans
};

}  // namespace flameway
