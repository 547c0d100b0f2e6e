// SPDX-License-Identifier: Apache-2.0
#include "bridge/queue/memory_queue.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace flameway {
namespace {

using PushResult = MemoryQueue::PushResult;
using Sizer = QueueOptions::Sizer;

QueuedFrame MakeFrame(uint64_t samples, size_t bytes = 1, size_t route = 0) {
  auto frame = std::make_shared<Frame>();
  frame->counts = {.profiles = 1, .samples = samples};
  frame->payload = std::string(bytes, 'x');
  return {.frame = std::move(frame), .route = route};
}

QueueOptions Options(Sizer sizer, size_t queue_size) {
  return {.sizer = sizer, .queue_size = queue_size};
}

TEST(MemoryQueueTest, GivesFramesBackInOrderWithTheirRoute) {
  MemoryQueue queue(Options(Sizer::kRequests, 10));
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(queue.Push(MakeFrame(i, 1, i)), PushResult::kAccepted);
  for (size_t i = 0; i < 5; ++i) {
    const auto queued = queue.Pop();
    ASSERT_TRUE(queued.has_value());
    EXPECT_EQ(queued->frame->counts.samples, i);
    EXPECT_EQ(queued->route, i);
  }
}

TEST(MemoryQueueTest, CountsFramesUntilTheyAreDone) {
  MemoryQueue queue(Options(Sizer::kRequests, 1));
  ASSERT_EQ(queue.Push(MakeFrame(1)), PushResult::kAccepted);
  const auto popped = queue.Pop();
  EXPECT_EQ(queue.Push(MakeFrame(1)), PushResult::kFull);
  queue.Done(*popped);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(queue.Push(MakeFrame(1)), PushResult::kAccepted);
}

TEST(MemoryQueueTest, SizersMeasureRequestsItemsOrBytes) {
  MemoryQueue requests(Options(Sizer::kRequests, 2));
  MemoryQueue items(Options(Sizer::kItems, 10));
  MemoryQueue bytes(Options(Sizer::kBytes, 100));
  for (MemoryQueue* queue : {&requests, &items, &bytes}) {
    EXPECT_EQ(queue->Push(MakeFrame(7, 60)), PushResult::kAccepted);
  }
  EXPECT_EQ(requests.size(), 1U);
  EXPECT_EQ(items.size(), 7U);
  EXPECT_EQ(bytes.size(), 60U);
  EXPECT_EQ(items.Push(MakeFrame(4, 1)), PushResult::kFull);
  EXPECT_EQ(items.Push(MakeFrame(3, 1)), PushResult::kAccepted);
  EXPECT_EQ(bytes.Push(MakeFrame(1, 41)), PushResult::kFull);
  EXPECT_EQ(bytes.Push(MakeFrame(1, 40)), PushResult::kAccepted);
}

TEST(MemoryQueueTest, AFrameLargerThanTheQueueIsRefusedEvenWhenBlocking) {
  MemoryQueue queue({.sizer = Sizer::kItems, .queue_size = 5, .block_on_overflow = true});
  EXPECT_EQ(queue.Push(MakeFrame(6)), PushResult::kFull);
}

TEST(MemoryQueueTest, CloseLetsConsumersDrain) {
  MemoryQueue queue(Options(Sizer::kRequests, 10));
  ASSERT_EQ(queue.Push(MakeFrame(1)), PushResult::kAccepted);
  queue.Close();
  EXPECT_EQ(queue.Push(MakeFrame(1)), PushResult::kClosed);
  EXPECT_TRUE(queue.Pop().has_value());
  EXPECT_FALSE(queue.Pop().has_value());
}

TEST(MemoryQueueTest, CloseWakesWaitingConsumersAndPushers) {
  MemoryQueue empty(Options(Sizer::kRequests, 1));
  MemoryQueue full({.queue_size = 1, .block_on_overflow = true});
  ASSERT_EQ(full.Push(MakeFrame(1)), PushResult::kAccepted);
  std::thread consumer([&empty] { EXPECT_FALSE(empty.Pop().has_value()); });
  std::thread pusher([&full] { EXPECT_EQ(full.Push(MakeFrame(1)), PushResult::kClosed); });
  empty.Close();
  full.Close();
  consumer.join();
  pusher.join();
}

TEST(MemoryQueueTest, BlockedPushGoesOnWhenRoomIsFreed) {
  MemoryQueue queue({.queue_size = 1, .block_on_overflow = true});
  ASSERT_EQ(queue.Push(MakeFrame(1)), PushResult::kAccepted);
  std::thread pusher([&queue] { EXPECT_EQ(queue.Push(MakeFrame(2)), PushResult::kAccepted); });
  const auto first = queue.Pop();
  queue.Done(*first);
  pusher.join();
  EXPECT_EQ(queue.Pop()->frame->counts.samples, 2U);
}

TEST(MemoryQueueTest, TakeAllEmptiesTheQueueButForWhatWasPopped) {
  MemoryQueue queue(Options(Sizer::kRequests, 10));
  for (uint64_t i = 0; i < 3; ++i) ASSERT_EQ(queue.Push(MakeFrame(i)), PushResult::kAccepted);
  const auto popped = queue.Pop();
  EXPECT_EQ(queue.TakeAll().size(), 2U);
  EXPECT_EQ(queue.size(), 1U);
  queue.Done(*popped);
  EXPECT_EQ(queue.size(), 0U);
}

// The queue against the obvious: a deque and a sum.
TEST(MemoryQueueTest, AgreesWithTheModelOverRandomOperations) {
  for (const Sizer sizer : {Sizer::kRequests, Sizer::kItems, Sizer::kBytes}) {
    std::mt19937 random(static_cast<unsigned>(sizer));
    MemoryQueue queue(Options(sizer, 20));
    std::deque<QueuedFrame> waiting;
    std::vector<QueuedFrame> popped;
    const auto size_of = [sizer](const QueuedFrame& queued) -> size_t {
      if (sizer == Sizer::kRequests) return 1;
      return sizer == Sizer::kItems ? queued.frame->counts.samples : queued.frame->payload.size();
    };
    size_t size = 0;
    for (int step = 0; step < 5'000; ++step) {
      const unsigned dice = random() % 4;
      if (dice < 2) {
        const QueuedFrame queued = MakeFrame(random() % 8, random() % 8);
        const bool fits = size + size_of(queued) <= 20;
        ASSERT_EQ(queue.Push(queued), fits ? PushResult::kAccepted : PushResult::kFull);
        if (fits) {
          size += size_of(queued);
          waiting.push_back(queued);
        }
      } else if (dice == 2 && !waiting.empty()) {
        const auto queued = queue.Pop();
        ASSERT_EQ(queued->frame, waiting.front().frame);
        waiting.pop_front();
        popped.push_back(*queued);
      } else if (!popped.empty()) {
        queue.Done(popped.back());
        size -= size_of(popped.back());
        popped.pop_back();
      }
      ASSERT_EQ(queue.size(), size);
    }
  }
}

TEST(MemoryQueueTest, ManyThreadsLoseAndDoubleNothing) {
  constexpr uint64_t kPushers = 4;
  constexpr uint64_t kEach = 500;
  MemoryQueue queue({.queue_size = 8, .block_on_overflow = true});
  std::atomic<uint64_t> sum{0};
  std::vector<std::thread> pushers;
  std::vector<std::thread> consumers;
  for (uint64_t p = 0; p < kPushers; ++p) {
    pushers.emplace_back([&queue, p] {
      for (uint64_t i = 0; i < kEach; ++i) {
        ASSERT_EQ(queue.Push(MakeFrame(p * kEach + i)), PushResult::kAccepted);
      }
    });
    consumers.emplace_back([&queue, &sum] {
      while (const auto queued = queue.Pop()) {
        sum += queued->frame->counts.samples;
        queue.Done(*queued);
      }
    });
  }
  for (std::thread& pusher : pushers) pusher.join();
  queue.Close();
  for (std::thread& consumer : consumers) consumer.join();
  constexpr uint64_t kAll = kPushers * kEach;
  EXPECT_EQ(sum.load(), kAll * (kAll - 1) / 2);
  EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
}  // namespace flameway
