// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/latency_histogram.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace flameway {
namespace {

using std::chrono::nanoseconds;

TEST(LatencyHistogram, EmptyHasNoPercentiles) {
  const LatencyHistogram empty;
  EXPECT_EQ(empty.Percentile(99).count(), 0);
  EXPECT_EQ(empty.max().count(), 0);
}

TEST(LatencyHistogram, PercentilesAreRightWithinABucket) {
  LatencyHistogram histogram;
  for (int64_t i = 1; i <= 1000; ++i) histogram.Count(nanoseconds(i * 1000));
  for (const double percent : {1.0, 50.0, 90.0, 99.0, 100.0}) {
    const double expected = percent * 10'000;
    const auto found = static_cast<double>(histogram.Percentile(percent).count());
    EXPECT_GE(found, expected * 0.999) << percent;
    EXPECT_LE(found, expected * 1.033) << percent;
  }
  EXPECT_EQ(histogram.max().count(), 1'000'000);
  EXPECT_EQ(histogram.Percentile(100).count(), 1'000'000);
}

// Neighbouring durations around every power of two, where a bucket's arithmetic could go wrong.
TEST(LatencyHistogram, EachDurationIsInABucketThatEndsAtMostAThirtySecondLater) {
  for (int bit = 0; bit < 63; ++bit) {
    for (const int64_t offset : {-1, 0, 1}) {
      const int64_t nanos = (int64_t{1} << bit) + offset;
      LatencyHistogram histogram;
      histogram.Count(nanoseconds(nanos));
      histogram.Count(nanoseconds(INT64_MAX));  // so that the maximum does not cut the bucket
      const int64_t end = histogram.Percentile(50).count();
      EXPECT_GE(end, nanos);
      EXPECT_LE(end - nanos, nanos / 32) << nanos;
    }
  }
}

TEST(LatencyHistogram, AddingIsCountingBoth) {
  LatencyHistogram a;
  LatencyHistogram b;
  a.Count(nanoseconds(10));
  b.Count(nanoseconds(1000));
  b.Count(nanoseconds(2000));
  a.Add(b);
  EXPECT_EQ(a.count(), 3u);
  EXPECT_EQ(a.Percentile(30).count(), 10);
  EXPECT_EQ(a.max().count(), 2000);
}

}  // namespace
}  // namespace flameway
