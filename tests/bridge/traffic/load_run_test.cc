// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/load_run.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge/traffic/fleet_requests.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/flow/manual_clock.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// Answers from a list, then OK. Keeps what it was given.
class PostBox final : public Exporter {
 public:
  explicit PostBox(std::deque<Delivery> answers = {}) : answers_(std::move(answers)) {}
  WireForm wire_form() const override { return {}; }
  std::unique_ptr<ExportLane> OpenLane() override { return std::make_unique<Lane>(*this); }

  // Called within each delivery.
  std::function<void()> on_post = [] {};

  void AwaitPosts(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return posts_.size() >= count; });
  }
  std::vector<std::string> posts() {
    const std::lock_guard lock(mutex_);
    return posts_;
  }

 private:
  struct Lane final : ExportLane {
    explicit Lane(PostBox& owner) : box(owner) {}
    Delivery Deliver(const Frame& frame) override {
      const std::lock_guard lock(box.mutex_);
      box.on_post();
      box.posts_.push_back(frame.payload);
      box.changed_.notify_all();
      if (box.answers_.empty()) return {};
      Delivery delivery = box.answers_.front();
      box.answers_.pop_front();
      return delivery;
    }
    PostBox& box;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Delivery> answers_;
  std::vector<std::string> posts_;
};

std::vector<LoadRequest> Requests(const std::vector<std::string>& payloads) {
  std::vector<LoadRequest> requests;
  for (const std::string& payload : payloads) {
    LoadRequest request;
    request.frame.payload = payload;
    request.frame.uncompressed_bytes = 10;
    request.samples = 3;
    requests.push_back(std::move(request));
  }
  return requests;
}

TEST(LoadRun, SendsRoundAndRoundUntilTheWantedNumber) {
  const auto requests = Requests({"a", "b", "c"});
  PostBox box;
  const ManualClock clock;
  LoadRun run(requests, box, {.connections = 1, .requests = 5}, clock);
  run.Start();
  const LoadReport report = run.Join();
  EXPECT_THAT(box.posts(), ElementsAre("a", "b", "c", "a", "b"));
  EXPECT_EQ(report.requests, 5u);
  EXPECT_EQ(report.samples, 15u);
  EXPECT_EQ(report.bytes, 50u);
  EXPECT_EQ(report.wire_bytes, 5u);
  EXPECT_EQ(report.latency.count(), 5u);
  EXPECT_EQ(report.answers.at("OK").requests, 5u);
  EXPECT_TRUE(run.done());
}

TEST(LoadRun, ManyConnectionsSendEachRequestOnce) {
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back(std::to_string(i));
  const auto requests = Requests(names);
  PostBox box;
  const ManualClock clock;
  LoadRun run(requests, box, {.connections = 7, .requests = 200}, clock);
  run.Start();
  EXPECT_EQ(run.Join().requests, 200u);
  EXPECT_THAT(box.posts(), ::testing::UnorderedElementsAreArray(names));
}

TEST(LoadRun, ARateHoldsRequestsBackUntilTheyAreDue) {
  const auto requests = Requests({"a", "b", "c", "d"});
  PostBox box;
  ManualClock clock;
  LoadRun run(requests, box, {.connections = 2, .requests = 4, .pace = Pace::AtRate(10)}, clock);
  run.Start();
  box.AwaitPosts(1);
  EXPECT_THAT(box.posts(), ElementsAre("a"));
  clock.Advance(milliseconds(199));
  box.AwaitPosts(2);
  EXPECT_THAT(box.posts(), ElementsAre("a", "b"));
  clock.Advance(milliseconds(101));
  const LoadReport report = run.Join();
  EXPECT_THAT(box.posts(), UnorderedElementsAre("a", "b", "c", "d"));
  // "b" was due at 100 ms and went at 199 ms.
  EXPECT_GE(report.latest, milliseconds(99));
}

// A destination that stalls once has made all wait that were due meanwhile, also those it never saw
// wait.
TEST(LoadRun, ALatencyCountsFromWhenTheRequestWasDue) {
  const auto requests = Requests({"a", "b", "c"});
  PostBox box;
  ManualClock clock;
  bool stalled = false;
  box.on_post = [&] {
    if (!std::exchange(stalled, true)) clock.Advance(milliseconds(500));
  };
  LoadRun run(requests, box, {.connections = 1, .requests = 3, .pace = Pace::AtRate(10)}, clock);
  run.Start();
  const LoadReport report = run.Join();
  // 500, 400 and 300 ms.
  EXPECT_EQ(report.latency.max(), milliseconds(500));
  EXPECT_GE(report.latency.Percentile(1), milliseconds(300));
  EXPECT_EQ(report.latest, milliseconds(400));
  EXPECT_EQ(report.elapsed, milliseconds(500));
}

TEST(LoadRun, NoRequestBeginsAfterTheDuration) {
  const auto requests = Requests({"a"});
  PostBox box;
  ManualClock clock;
  LoadRun run(requests, box,
              {.connections = 1, .duration = milliseconds(250), .pace = Pace::AtRate(10)}, clock);
  run.Start();
  box.AwaitPosts(1);
  clock.Advance(milliseconds(10'000));
  EXPECT_EQ(run.Join().requests, 3u);  // at 0, 100 and 200 ms
}

TEST(LoadRun, StopEndsAWaitThatWouldBeLong) {
  const auto requests = Requests({"a"});
  PostBox box;
  const ManualClock clock;
  LoadRun run(requests, box, {.connections = 3, .pace = Pace::AtRate(0.001)}, clock);
  run.Start();
  box.AwaitPosts(1);
  run.Stop();
  EXPECT_EQ(run.Join().requests, 1u);
}

TEST(LoadRun, AFailureEndsTheRunWhereItShallAndIsCountedEverywhere) {
  const Delivery busy{.outcome = Delivery::Outcome::kRetry, .code = "UNAVAILABLE", .message = "no"};
  const Delivery partial{.rejected_profiles = 2, .message = "two were bad"};
  const auto requests = Requests({"a"});
  const ManualClock clock;
  {
    PostBox box({partial, busy});
    LoadRun run(requests, box, {.connections = 1, .requests = 4}, clock);
    run.Start();
    const LoadReport report = run.Join();
    EXPECT_EQ(report.requests, 4u);
    EXPECT_EQ(report.samples, 9u);  // not those of the refused one
    EXPECT_EQ(report.answers.at("UNAVAILABLE").requests, 1u);
    EXPECT_EQ(report.answers.at("UNAVAILABLE").message, "no");
    EXPECT_EQ(report.answers.at("OK, partial").rejected_profiles, 2);
    EXPECT_EQ(run.progress().failures, 1u);
  }
  {
    PostBox box({partial, busy});
    LoadRun run(requests, box,
                {.connections = 1, .requests = 4, .stops_on = LoadOptions::StopsOn::kAnyFailure},
                clock);
    run.Start();
    EXPECT_EQ(run.Join().requests, 2u);
  }
}

TEST(LoadRun, TimesAreMovedSoThatARequestEndsWhenItIsDue) {
  FleetRequests fleet(FleetOptions{});
  LoadRequest request;
  request.plain = fleet.Encode(0);
  request.times = *RequestTimes::Of(request.plain);
  const std::vector<LoadRequest> requests = {request};
  PostBox box;
  ManualClock clock;
  const uint64_t wall = 1'900'000'000'000'000'000;
  LoadRun run(requests, box,
              {.connections = 1,
               .requests = 2,
               .pace = Pace::AtRate(1),
               .times = LoadOptions::Times::kMovedToNow,
               .wall_start_unix_nano = wall},
              clock);
  run.Start();
  box.AwaitPosts(1);
  clock.Advance(milliseconds(1000));
  static_cast<void>(run.Join());
  const auto posts = box.posts();
  ASSERT_EQ(posts.size(), 2u);
  EXPECT_EQ(RequestTimes::Of(posts[0])->end_unix_nano(), wall);
  EXPECT_EQ(RequestTimes::Of(posts[1])->end_unix_nano(), wall + 1'000'000'000);
  EXPECT_EQ(posts[0].size(), request.plain.size());
}

}  // namespace
}  // namespace flameway
