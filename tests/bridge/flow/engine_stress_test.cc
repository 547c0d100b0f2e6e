// SPDX-License-Identifier: Apache-2.0
// Many senders, destinations that fail, hang or are full, and an end in the middle of it.
#include <atomic>
#include <chrono>
#include <deque>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bridge/compress/compressor.h"
#include "tests/bridge/flow/engine_fixture.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kSenders = 8;
constexpr int kRequestsOfEach = 40;

class EngineStressTest : public EngineTest {
 protected:
  // Time goes on while this lives, so that batches age and retries come.
  class RunningTime {
   public:
    explicit RunningTime(ManualClock& clock)
        : thread_([this, &clock] {
            while (!ended_) {
              clock.Advance(milliseconds(20));
              std::this_thread::yield();
            }
          }) {}
    ~RunningTime() {
      ended_ = true;
      thread_.join();
    }
    RunningTime(const RunningTime&) = delete;
    RunningTime& operator=(const RunningTime&) = delete;

   private:
    std::atomic<bool> ended_{false};
    std::thread thread_;
  };

  struct Sender {
    std::deque<Reply> replies;
    std::vector<uint64_t> profiles;  // in each request
    std::thread thread;
  };

  void SetUp() override {
    options_.shards = 3;
    options_.inbox_requests = 16;
    options_.memory_limiter = {.limit_bytes = 6'000'000, .spike_limit_bytes = 1'000'000};
  }

  // Sends without waiting for answers: good ones, partly bad ones, damaged ones.
  void SendAll(unsigned seed, unsigned number, Sender& sender) {
    std::mt19937 dice(1'000 * seed + number);
    Compressor compressor;
    for (int i = 0; i < kRequestsOfEach; ++i) {
      const RequestShape shape = {.profiles = static_cast<int>(dice() % 4),
                                  .bad_profiles = static_cast<int>(dice() % 3),
                                  .samples_per_profile = static_cast<int>(dice() % 40),
                                  .seed = dice() % 10};
      Arrival arrival = {.body = RequestBytes(shape), .connection = dice() % 20};
      if (dice() % 3 == 0) {
        std::string packed;
        ASSERT_TRUE(compressor.Compress(Codec::kZstd, 0, arrival.body, &packed).ok());
        arrival.body = std::move(packed);
        arrival.codec = Codec::kZstd;
      }
      if (dice() % 12 == 0) arrival.body.resize(arrival.body.size() / 2);
      sender.profiles.push_back(static_cast<uint64_t>(shape.profiles + shape.bad_profiles));
      intake_(std::move(arrival), sender.replies.emplace_back().MakeAck());
    }
  }

  void StartSenders(unsigned seed) {
    for (unsigned t = 0; t < kSenders; ++t) {
      Sender& sender = senders_.emplace_back();
      sender.thread = std::thread([this, seed, t, &sender] { SendAll(seed, t, sender); });
    }
  }

  // What was promised to the senders; each was answered once.
  uint64_t JoinSenders() {
    uint64_t promised = 0;
    for (Sender& sender : senders_) {
      sender.thread.join();
      for (size_t i = 0; i < sender.replies.size(); ++i) {
        const Answer answer = sender.replies[i].Await();
        EXPECT_EQ(sender.replies[i].count(), 1);
        if (answer.kind != Answer::Kind::kAccepted) continue;
        promised += sender.profiles[i] - static_cast<uint64_t>(answer.rejected_profiles);
      }
    }
    return promised;
  }

  void ExpectEverythingAccountedFor(uint64_t promised) {
    EXPECT_EQ(received().profiles_accepted.value(), promised);
    ExpectConserved();
    for (size_t e = 0; e < options_.exporters.size(); ++e) {
      const RouteCounters& route = engine_->drain(e).route_counters(0);
      EXPECT_EQ(route.queued.value(), 0);
      EXPECT_EQ(route.delivered.value(), destinations_[e].delivered_counts().profiles);
      EXPECT_EQ(destinations_[e].stops(), 1);
    }
  }

  std::deque<Sender> senders_;
};

TEST_F(EngineStressTest, AllIsAccountedForWhenTheEndComesInTheMiddle) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    engine_.reset();
    options_.exporters.clear();
    options_.pipelines.clear();
    destinations_.clear();
    senders_.clear();
    AddExporter("good");
    std::atomic<unsigned> attempts{0};
    AddExporter("failing", {.queue_size = 4, .num_consumers = 3})
        .set_script([&attempts](const Frame&) {
          switch (attempts++ % 4) {
            case 0:
              return Delivered();
            case 1:
              return Permanent();
            default:
              return Retry();
          }
        });
    Destination& full = AddExporter("full", {.queue_size = 1, .num_consumers = 1});
    full.HangAttempts();
    AddExporter("blocking", {.sizer = QueueOptions::Sizer::kItems,
                             .queue_size = 100'000,
                             .num_consumers = 2,
                             .block_on_overflow = true});
    AddExporter("direct", {.enabled = false});
    AddPipeline(
        "profiles", {0, 1, 2, 3, 4},
        BatchPolicy{
            .send_batch_samples = 60, .send_batch_max_samples = 100, .timeout = milliseconds(100)});
    Registry registry;
    auto engine = Engine::Create(options_, {clock_, log_, registry});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    intake_ = engine_->IntakeOf(0, Transport::kGrpc);
    ASSERT_TRUE(engine_->Start().ok());

    uint64_t promised = 0;
    {
      const RunningTime time(clock_);
      StartSenders(seed);
      full.AwaitAttempts(1);
      if (seed % 2 == 0) {
        // While they send; what hangs is cut at once.
        engine_->Stop(clock_.Now());
        promised = JoinSenders();
      } else {
        // When they have sent; all but what hangs has the time it needs.
        promised = JoinSenders();
        engine_->Stop(clock_.Now() + std::chrono::seconds(30));
      }
    }
    ExpectEverythingAccountedFor(promised);
    const RouteCounters& hung = engine_->drain(2).route_counters(0);
    EXPECT_EQ(hung.delivered.value(), 0U);
    EXPECT_EQ(hung.dropped_total(), promised);
    EXPECT_GT(hung.dropped[static_cast<size_t>(DropReason::kShutdown)].value() +
                  hung.dropped[static_cast<size_t>(DropReason::kQueueFull)].value(),
              0U);
  }
}

}  // namespace
}  // namespace flameway
