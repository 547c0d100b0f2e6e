// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/ledger.h"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/bridge/flow/manual_clock.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;

class LedgerTest : public testing::Test {
 protected:
  ManualClock clock_;
  Ledger ledger_{{.limit_bytes = 1'000, .spike_limit_bytes = 200}, clock_};
};

TEST_F(LedgerTest, RefusesAboveTheSoftLimit) {
  const auto first = ledger_.TryCharge(800);
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(ledger_.TryCharge(1).has_value());
  EXPECT_EQ(ledger_.used(), 800U);
  EXPECT_FALSE(ledger_.above_soft_limit());
}

TEST_F(LedgerTest, AHugeChargeDoesNotWrap) {
  const auto first = ledger_.TryCharge(1);
  EXPECT_FALSE(ledger_.TryCharge(SIZE_MAX).has_value());
  EXPECT_EQ(ledger_.used(), 1U);
}

TEST_F(LedgerTest, WhatWasAcceptedMayUseTheSpikeAndThenNothingNewEnters) {
  const Lease accepted = ledger_.Charge(900);
  EXPECT_TRUE(ledger_.above_soft_limit());
  EXPECT_FALSE(ledger_.TryCharge(0).has_value());
}

TEST_F(LedgerTest, ALeaseGrowsOnlyWithinTheSoftLimitAndShrinksAlways) {
  Lease lease = ledger_.Charge(0);
  EXPECT_TRUE(lease.TryResize(800));
  EXPECT_FALSE(lease.TryResize(801));
  EXPECT_EQ(lease.bytes(), 800U);
  EXPECT_EQ(ledger_.used(), 800U);
  const Lease spike = ledger_.Charge(150);
  EXPECT_TRUE(lease.TryResize(700));
  EXPECT_FALSE(lease.TryResize(701));
  EXPECT_EQ(ledger_.used(), 850U);
}

TEST_F(LedgerTest, LeasesGiveBackOnceWhereverTheyMove) {
  {
    Lease lease = ledger_.Charge(100);
    Lease moved = std::move(lease);
    lease = ledger_.Charge(10);
    EXPECT_EQ(ledger_.used(), 110U);
    lease = std::move(moved);
    EXPECT_EQ(ledger_.used(), 100U);
    lease.Resize(250);
    EXPECT_EQ(ledger_.used(), 250U);
    lease.Resize(50);
    EXPECT_EQ(ledger_.used(), 50U);
  }
  EXPECT_EQ(ledger_.used(), 0U);
}

TEST_F(LedgerTest, RetryDelayIsShortWhileNothingIsKnown) {
  const milliseconds delay = ledger_.RetryDelay(10);
  EXPECT_GE(delay, milliseconds(1'000));
  EXPECT_LE(delay, milliseconds(1'200));
}

TEST_F(LedgerTest, RetryDelayFollowsTheReleaseRateWithinItsBounds) {
  const Lease kept = ledger_.Charge(800);
  (void)ledger_.Charge(100);  // released at once: 100 bytes in this second
  clock_.Advance(milliseconds(1'000));
  const milliseconds ten_seconds = ledger_.RetryDelay(1'000);
  EXPECT_GE(ten_seconds, milliseconds(8'000));
  EXPECT_LE(ten_seconds, milliseconds(12'000));
  EXPECT_LE(ledger_.RetryDelay(1'000'000), milliseconds(30'000));
  EXPECT_GE(ledger_.RetryDelay(1'000'000), milliseconds(24'000));
  EXPECT_GE(ledger_.RetryDelay(1), milliseconds(1'000));
}

TEST_F(LedgerTest, ManyThreadsNeverPassTheLimitAndEndAtZero) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 2'000; ++i) {
        const auto lease = ledger_.TryCharge(300);
        EXPECT_LE(ledger_.used(), 800U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ledger_.used(), 0U);
}

}  // namespace
}  // namespace flameway
