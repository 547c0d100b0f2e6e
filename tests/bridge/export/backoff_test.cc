// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/backoff.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace flameway {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

RetryOptions Options() {
  RetryOptions options;
  options.initial_interval = 1000ms;
  options.randomization_factor = 0.5;
  options.multiplier = 2;
  options.max_interval = 5000ms;
  options.max_elapsed_time = 0ms;
  return options;
}

double Middle() { return 0.5; }

TEST(BackoffTest, IntervalsGrowByTheMultiplierUpToTheLargest) {
  Backoff backoff(Options(), Middle);
  for (const milliseconds expected : {1000ms, 2000ms, 4000ms, 5000ms, 5000ms}) {
    EXPECT_EQ(backoff.NextDelay(0ms, std::nullopt), expected);
  }
}

TEST(BackoffTest, RandomnessSpreadsTheDelayOnBothSides) {
  EXPECT_EQ(Backoff(Options(), [] { return 0.0; }).NextDelay(0ms, std::nullopt), 500ms);
  EXPECT_EQ(Backoff(Options(), [] { return 0.9999; }).NextDelay(0ms, std::nullopt), 1499ms);
}

TEST(BackoffTest, ResetStartsOver) {
  Backoff backoff(Options(), Middle);
  EXPECT_EQ(backoff.NextDelay(0ms, std::nullopt), 1000ms);
  EXPECT_EQ(backoff.NextDelay(0ms, std::nullopt), 2000ms);
  backoff.Reset();
  EXPECT_EQ(backoff.NextDelay(0ms, std::nullopt), 1000ms);
}

TEST(BackoffTest, TheDestinationsWishIsALowerBoundAndTheIntervalsGrowFromIt) {
  Backoff backoff(Options(), Middle);
  EXPECT_EQ(backoff.NextDelay(0ms, 2000ms), 2000ms);
  EXPECT_EQ(backoff.NextDelay(0ms, std::nullopt), 4000ms);
  backoff.Reset();
  EXPECT_EQ(backoff.NextDelay(0ms, 10ms), 1000ms);
}

TEST(BackoffTest, TheDestinationsWishMayExceedTheLargestIntervalButNotAnHour) {
  Backoff backoff(Options(), Middle);
  EXPECT_EQ(backoff.NextDelay(0ms, 60s), 60s);
  EXPECT_EQ(backoff.NextDelay(0ms, 24h), 1h);
  EXPECT_EQ(backoff.NextDelay(0ms, std::nullopt), 5000ms);
}

TEST(BackoffTest, GivesUpWhenTheNextAttemptWouldComeTooLate) {
  RetryOptions options = Options();
  options.max_elapsed_time = 10s;
  Backoff backoff(options, Middle);
  EXPECT_EQ(backoff.NextDelay(9s, std::nullopt), 1000ms);
  EXPECT_EQ(backoff.NextDelay(9s, std::nullopt), std::nullopt);
  EXPECT_EQ(Backoff(options, Middle).NextDelay(0ms, 11s), std::nullopt);
}

TEST(BackoffTest, NeverRetriesWhenDisabled) {
  RetryOptions options = Options();
  options.enabled = false;
  EXPECT_EQ(Backoff(options, Middle).NextDelay(0ms, 1s), std::nullopt);
}

}  // namespace
}  // namespace flameway
