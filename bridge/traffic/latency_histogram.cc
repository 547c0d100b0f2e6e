// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace flameway {

// Below 32 each number has a bucket; above, the bits after the first one choose among 32.
size_t LatencyHistogram::BucketOf(uint64_t nanos) {
  const auto width = static_cast<uint32_t>(std::bit_width(nanos));
  if (width <= kBits) return nanos;
  const uint32_t shift = width - kBits - 1;
  return (size_t{shift} << kBits) + (nanos >> shift);
}

uint64_t LatencyHistogram::UpperEnd(size_t bucket) {
  if (bucket < size_t{2} << kBits) return bucket;
  const size_t shift = (bucket >> kBits) - 1;
  const uint64_t low = ((bucket & ((1U << kBits) - 1)) + (uint64_t{1} << kBits)) << shift;
  return low + (uint64_t{1} << shift) - 1;
}

void LatencyHistogram::Count(std::chrono::nanoseconds latency) {
  const int64_t nanos = std::max<int64_t>(0, latency.count());
  ++buckets_[BucketOf(static_cast<uint64_t>(nanos))];
  ++count_;
  max_ = std::max(max_, nanos);
}

void LatencyHistogram::Add(const LatencyHistogram& other) {
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::chrono::nanoseconds LatencyHistogram::Percentile(double percent) const {
  if (count_ == 0) return std::chrono::nanoseconds(0);
  const auto rank = static_cast<uint64_t>(
      std::ceil(std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen < std::max<uint64_t>(rank, 1)) continue;
    return std::chrono::nanoseconds(std::min(static_cast<int64_t>(UpperEnd(i)), max_));
  }
  return max();
}

}  // namespace flameway
