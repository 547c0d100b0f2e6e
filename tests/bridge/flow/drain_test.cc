// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/drain.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"
#include "tests/bridge/flow/manual_clock.h"
#include "tests/bridge/flow/scripted_exporter.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;

RetryOptions PlainRetry() {
  return {.initial_interval = milliseconds(1'000),
          .randomization_factor = 0,
          .multiplier = 2,
          .max_interval = milliseconds(4'000),
          .max_elapsed_time = milliseconds(10'000)};
}

class DrainTest : public testing::Test {
 protected:
  void Open(const QueueOptions& queue, const RetryOptions& retry = PlainRetry()) {
    drain_ = std::make_unique<Drain>(DrainOptions{.name = "test", .queue = queue, .retry = retry},
                                     destination_.MakeExporter(), clock_, log_);
    route_ = drain_->AddRoute("profiles");
    ASSERT_TRUE(drain_->Start().ok());
  }
  void Push(uint64_t profiles = 1) {
    auto frame = std::make_shared<Frame>();
    frame->counts = {.profiles = profiles, .samples = 10 * profiles};
    drain_->Owe(route_, profiles);
    drain_->Push({.frame = std::move(frame), .route = route_});
  }
  // Lets everything end by itself; time goes on meanwhile, for the retries.
  void Finish() {
    drain_->Close();
    std::atomic<bool> ended{false};
    std::thread time([&] {
      while (!ended) {
        clock_.Advance(milliseconds(100));
        std::this_thread::yield();
      }
    });
    while (!drain_->AwaitIdle(clock_.Now() + std::chrono::hours(1))) continue;
    ended = true;
    time.join();
    drain_->Join();
  }
  const RouteCounters& counters() const { return drain_->route_counters(route_); }
  uint64_t dropped(DropReason reason) const {
    return counters().dropped[static_cast<size_t>(reason)].value();
  }
  void ExpectConserved() const {
    EXPECT_EQ(counters().accepted.value(), counters().delivered.value() +
                                               counters().dropped_total() +
                                               static_cast<uint64_t>(counters().queued.value()));
  }

  ManualClock clock_;
  std::ostringstream out_;
  Log log_{
      {.level = LogLevel::kError, .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_)}};
  Destination destination_;
  std::unique_ptr<Drain> drain_;
  size_t route_ = 0;
};

TEST_F(DrainTest, DeliversEverythingAndStopsTheExporterOnce) {
  Open({.num_consumers = 3});
  for (int i = 0; i < 50; ++i) Push(2);
  Finish();
  EXPECT_EQ(destination_.delivered_counts(), (FrameCounts{.profiles = 100, .samples = 1'000}));
  EXPECT_EQ(counters().delivered.value(), 100U);
  EXPECT_EQ(drain_->counters().sent_samples.value(), 1'000U);
  EXPECT_EQ(counters().queued.value(), 0);
  EXPECT_EQ(destination_.stops(), 1);
}

TEST_F(DrainTest, RetriesTheSameFrameUntilItIsTaken) {
  std::atomic<int> left{3};
  destination_.set_script([&left](const Frame&) { return left-- > 0 ? Retry() : Delivered(); });
  RetryOptions for_ever = PlainRetry();
  for_ever.max_elapsed_time = milliseconds(0);
  Open({.num_consumers = 1}, for_ever);
  Push();
  Finish();
  EXPECT_EQ(destination_.attempts(), 4U);
  EXPECT_EQ(counters().delivered.value(), 1U);
  EXPECT_EQ(drain_->counters().attempts_retry.value(), 3U);
}

TEST_F(DrainTest, DropsWhatTheDestinationRefuses) {
  destination_.set_script([](const Frame&) { return Permanent(); });
  Open({.num_consumers = 1});
  Push(7);
  Finish();
  EXPECT_EQ(destination_.attempts(), 1U);
  EXPECT_EQ(dropped(DropReason::kRefused), 7U);
  EXPECT_EQ(drain_->counters().send_failed_samples.value(), 70U);
}

TEST_F(DrainTest, GivesUpAfterMaxElapsedTime) {
  destination_.set_script([](const Frame&) { return Retry(); });
  Open({.num_consumers = 1});
  Push();
  Finish();
  EXPECT_EQ(dropped(DropReason::kRetryExpired), 1U);
  EXPECT_GE(destination_.attempts(), 2U);
}

TEST_F(DrainTest, DoesNotRetryWhenRetriesAreOff) {
  destination_.set_script([](const Frame&) { return Retry(); });
  RetryOptions off = PlainRetry();
  off.enabled = false;
  Open({.num_consumers = 1}, off);
  Push();
  Finish();
  EXPECT_EQ(destination_.attempts(), 1U);
  EXPECT_EQ(dropped(DropReason::kRetryDisabled), 1U);
}

TEST_F(DrainTest, AFullQueueDropsAndCounts) {
  destination_.ShutGate();
  Open({.queue_size = 2, .num_consumers = 1});
  Push();
  destination_.AwaitAttempts(1);
  Push();
  Push();
  EXPECT_EQ(dropped(DropReason::kQueueFull), 1U);
  EXPECT_EQ(drain_->counters().enqueue_failed_samples.value(), 10U);
  EXPECT_EQ(counters().queued.value(), 2);
  destination_.OpenGate();
  Finish();
  EXPECT_EQ(counters().delivered.value(), 2U);
  ExpectConserved();
}

TEST_F(DrainTest, CutInterruptsTheWaitForARetryAndDropsTheQueue) {
  destination_.set_script([](const Frame&) { return Retry(); });
  Open({.num_consumers = 1});
  for (int i = 0; i < 5; ++i) Push();
  destination_.AwaitAttempts(1);
  drain_->Cut();
  drain_->Join();
  EXPECT_EQ(dropped(DropReason::kShutdown), 5U);
  EXPECT_EQ(counters().queued.value(), 0);
  EXPECT_EQ(destination_.stops(), 1);
}

TEST_F(DrainTest, CutLetsAnAttemptEndAndCountsItsSuccess) {
  destination_.ShutGate();
  Open({.num_consumers = 1});
  Push();
  Push();
  destination_.AwaitAttempts(1);
  drain_->Cut();
  destination_.OpenGate();
  drain_->Join();
  EXPECT_EQ(counters().delivered.value(), 1U);
  EXPECT_EQ(dropped(DropReason::kShutdown), 1U);
}

TEST_F(DrainTest, CutCancelsAttemptsThatHang) {
  for (const auto enabled : {true, false}) {  // retries
    drain_.reset();
    destination_.HangAttempts();
    RetryOptions retry = PlainRetry();
    retry.enabled = enabled;
    const size_t before = destination_.attempts();
    Open({.num_consumers = 2}, retry);
    for (int i = 0; i < 5; ++i) Push(3);
    destination_.AwaitAttempts(before + 2);
    drain_->Cut();
    drain_->Join();
    EXPECT_EQ(dropped(DropReason::kShutdown), 15U);
    EXPECT_EQ(counters().queued.value(), 0);
    ExpectConserved();
  }
}

TEST_F(DrainTest, CutWakesAPushThatWaitsForRoom) {
  destination_.ShutGate();
  Open({.queue_size = 1, .num_consumers = 1, .block_on_overflow = true});
  Push();
  destination_.AwaitAttempts(1);
  std::thread pusher([this] { Push(); });
  drain_->Cut();
  pusher.join();
  destination_.OpenGate();
  drain_->Join();
  EXPECT_EQ(counters().delivered.value(), 1U);
  EXPECT_EQ(dropped(DropReason::kShutdown), 1U);
}

TEST_F(DrainTest, WithoutAQueuePushReturnsAfterDelivery) {
  Open({.enabled = false});
  Push();
  EXPECT_EQ(counters().delivered.value(), 1U);
  Push();
  EXPECT_EQ(counters().delivered.value(), 2U);
}

TEST_F(DrainTest, WithoutAQueueCutEndsTheRetriesOfAPush) {
  destination_.set_script([](const Frame&) { return Retry(); });
  Open({.enabled = false});
  std::thread pusher([this] { Push(); });
  destination_.AwaitAttempts(1);
  drain_->Cut();
  pusher.join();
  drain_->Join();
  EXPECT_EQ(dropped(DropReason::kShutdown), 1U);
  Push();
  EXPECT_EQ(dropped(DropReason::kShutdown), 2U);
}

TEST_F(DrainTest, AwaitIdleStopsWaitingAtTheDeadline) {
  destination_.ShutGate();
  Open({.num_consumers = 1});
  Push();
  drain_->Close();
  EXPECT_FALSE(drain_->AwaitIdle(clock_.Now()));
  destination_.OpenGate();
  drain_->Cut();
  drain_->Join();
}

TEST_F(DrainTest, ReportsAnExporterThatCannotStart) {
  destination_.set_start_status(absl::FailedPreconditionError("no such folder"));
  drain_ = std::make_unique<Drain>(DrainOptions{.name = "test"}, destination_.MakeExporter(),
                                   clock_, log_);
  EXPECT_EQ(drain_->Start().message(), "no such folder");
  drain_->Join();
  EXPECT_EQ(destination_.stops(), 0);
}

TEST_F(DrainTest, EveryProfileEndsOnceUnderRandomFailures) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Mutex mutex;
    std::mt19937 random(seed);
    destination_.set_script([&](const Frame&) {
      const MutexLock lock(mutex);
      const auto dice = random() % 10;
      return dice < 5 ? Delivered() : dice < 8 ? Retry() : Permanent();
    });
    Open({.queue_size = 5, .num_consumers = 3, .block_on_overflow = seed % 2 == 0});
    std::atomic<bool> pushed{false};
    std::thread time([&] {
      while (!pushed) {
        clock_.Advance(milliseconds(100));
        std::this_thread::yield();
      }
    });
    std::vector<std::thread> pushers;
    for (int t = 0; t < 3; ++t) {
      pushers.emplace_back([this] {
        for (uint64_t i = 1; i <= 30; ++i) Push(i);
      });
    }
    for (std::thread& pusher : pushers) pusher.join();
    pushed = true;
    time.join();
    if (seed % 3 == 0) {
      drain_->Cut();
      drain_->Join();
    } else {
      Finish();
    }
    EXPECT_EQ(counters().accepted.value(), 3U * 30 * 31 / 2);
    EXPECT_EQ(counters().queued.value(), 0);
    ExpectConserved();
  }
}

}  // namespace
}  // namespace flameway
