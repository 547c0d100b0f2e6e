// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace flameway {

// Counts durations in buckets that are at most 1/32 wide of their value: percentiles are right
// within 3.2 %. 15 KB, no allocation; a count costs a shift. One thread; add them up afterwards.
class LatencyHistogram {
 public:
  void Count(std::chrono::nanoseconds latency);
  void Add(const LatencyHistogram& other);

  [[nodiscard]] uint64_t count() const { return count_; }
  // The upper end of the bucket that the share of `percent` falls into, never beyond max(); 0 when
  // nothing was counted.
  [[nodiscard]] std::chrono::nanoseconds Percentile(double percent) const;
  [[nodiscard]] std::chrono::nanoseconds max() const { return std::chrono::nanoseconds(max_); }

 private:
  static constexpr uint32_t kBits = 5;  // 32 buckets for each doubling
  static constexpr size_t kBuckets = (64 - kBits + 1) << kBits;
  static size_t BucketOf(uint64_t nanos);
  static uint64_t UpperEnd(size_t bucket);

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  int64_t max_ = 0;
};

}  // namespace flameway
