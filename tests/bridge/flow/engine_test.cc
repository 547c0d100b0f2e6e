// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/engine.h"

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/compress/compressor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/flow/engine_fixture.h"
#include "tests/bridge/flow/request_bytes.h"
#include "tests/bridge/flow/scripted_exporter.h"
#include "tests/support/renumber.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST_F(EngineTest, ARequestWithoutBatchingIsOneBatch) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0});
  Start();
  const Answer answer = Send({.profiles = 3, .samples_per_profile = 2});
  EXPECT_EQ(answer.kind, Answer::Kind::kAccepted);
  EXPECT_EQ(answer.rejected_profiles, 0);
  EXPECT_EQ(answer.message, "");
  destination.AwaitAttempts(1);
  Stop();
  EXPECT_EQ(destination.delivered_counts(), (FrameCounts{.profiles = 3, .samples = 6}));
  EXPECT_EQ(sealed(SealTrigger::kRequest), 1U);
  ExpectConserved();
}

TEST_F(EngineTest, SealsBySamples) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0}, BatchPolicy{.send_batch_samples = 10, .timeout = milliseconds(200)});
  Start();
  for (uint64_t i = 0; i < 6; ++i) Send({.samples_per_profile = 4, .seed = i});
  destination.AwaitAttempts(2);
  EXPECT_EQ(sealed(SealTrigger::kSamples), 2U);
  Stop();
  EXPECT_EQ(destination.delivered_counts().samples, 24U);
}

TEST_F(EngineTest, SealsBeforeARequestThatWouldPassTheSampleBound) {
  AddExporter("a");
  AddPipeline("profiles", {0}, BatchPolicy{.send_batch_samples = 0, .send_batch_max_samples = 10});
  Start();
  for (uint64_t i = 0; i < 3; ++i) Send({.samples_per_profile = 4, .seed = i});
  EXPECT_EQ(sealed(SealTrigger::kNoRoom), 1U);
  Stop();
  EXPECT_EQ(sealed(SealTrigger::kShutdown), 1U);
}

TEST_F(EngineTest, ARequestAboveTheSampleBoundLeavesInParts) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0}, BatchPolicy{.send_batch_samples = 0, .send_batch_max_samples = 10});
  Start();
  Send({.profiles = 3, .samples_per_profile = 45});  // the same stacks: they join
  Stop();
  const std::vector<Frame> frames = destination.delivered();
  EXPECT_EQ(frames.size(), 5U);
  for (const Frame& frame : frames) EXPECT_LE(frame.samples_out, 10U);
  EXPECT_EQ(destination.delivered_counts(), (FrameCounts{.profiles = 3, .samples = 135}));
  ExpectConserved();
}

TEST_F(EngineTest, SealsByAgeOfTheOldestRequest) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0}, BatchPolicy{.timeout = milliseconds(200)});
  Start();
  Send({.seed = 1});
  clock_.Advance(milliseconds(150));
  Send({.seed = 2});
  EXPECT_EQ(sealed(SealTrigger::kAge), 0U);
  clock_.Advance(milliseconds(50));
  destination.AwaitAttempts(1);
  EXPECT_EQ(sealed(SealTrigger::kAge), 1U);
  Stop();
  EXPECT_EQ(destination.delivered_counts().profiles, 2U);
}

TEST_F(EngineTest, SealsByBytes) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0}, BatchPolicy{.max_bytes = 2'000, .timeout = milliseconds(200)});
  Start();
  for (uint64_t i = 0; i < 20; ++i) Send({.samples_per_profile = 5, .seed = i});
  Stop();
  EXPECT_GE(sealed(SealTrigger::kBytes) + sealed(SealTrigger::kNoRoom), 2U);
  EXPECT_EQ(destination.delivered_counts().profiles, 20U);
  for (const Frame& frame : destination.delivered()) EXPECT_LE(frame.uncompressed_bytes, 2'000U);
}

TEST_F(EngineTest, PartialSuccessNamesTheCountAndTheRestArrives) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0});
  Start();
  const Answer answer = Send({.profiles = 7, .bad_profiles = 3});
  EXPECT_EQ(answer.kind, Answer::Kind::kAccepted);
  EXPECT_EQ(answer.rejected_profiles, 3);
  EXPECT_THAT(answer.message, HasSubstr("index_out_of_range"));
  Stop();
  EXPECT_EQ(destination.delivered_counts().profiles, 7U);
  EXPECT_EQ(received().rejected_total(), 3U);
  ExpectConserved();
}

TEST_F(EngineTest, ARequestOfBadProfilesOnlyIsInvalidWithFieldPaths) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0});
  Start();
  const Answer answer = Send({.profiles = 0, .bad_profiles = 12});
  EXPECT_EQ(answer.kind, Answer::Kind::kInvalid);
  ASSERT_THAT(answer.violations, SizeIs(10));
  EXPECT_EQ(answer.violations[1].field, "resource_profiles[0].scope_profiles[0].profiles[1]");
  Stop();
  EXPECT_EQ(destination.attempts(), 0U);
  EXPECT_EQ(received().rejected_total(), 12U);
  ExpectConserved();
}

TEST_F(EngineTest, UndecodableBytesAreInvalid) {
  AddExporter("a");
  AddPipeline("profiles", {0});
  Start();
  EXPECT_EQ(SendBody("\x0a\xff").kind, Answer::Kind::kInvalid);
  const std::string whole = RequestBytes({});
  EXPECT_EQ(SendBody(whole.substr(0, whole.size() - 1)).kind, Answer::Kind::kInvalid);
  EXPECT_EQ(received().profiles_received.value(), 0U);
}

TEST_F(EngineTest, AnEmptyRequestSucceedsAndForwardsNothing) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0});
  Start();
  EXPECT_EQ(SendBody("").kind, Answer::Kind::kAccepted);
  Stop();
  EXPECT_EQ(destination.attempts(), 0U);
}

TEST_F(EngineTest, DecompressesAndRefusesDamagedAndOversizeBodies) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0});
  options_.decompress_limits.max_output_bytes = 10'000;
  Start();
  Compressor compressor;
  std::string body;
  ASSERT_TRUE(compressor.Compress(Codec::kZstd, 0, RequestBytes({.profiles = 2}), &body).ok());
  EXPECT_EQ(SendBody(body, Codec::kZstd).kind, Answer::Kind::kAccepted);
  EXPECT_EQ(SendBody(body.substr(0, body.size() / 2), Codec::kZstd).kind, Answer::Kind::kInvalid);
  ASSERT_TRUE(compressor.Compress(Codec::kZstd, 0, std::string(20'000, 'x'), &body).ok());
  EXPECT_EQ(SendBody(body, Codec::kZstd).kind, Answer::Kind::kTooLarge);
  Stop();
  EXPECT_EQ(destination.delivered_counts().profiles, 2U);
  EXPECT_EQ(refused(RefusalCause::kDamaged), 1U);
  EXPECT_EQ(refused(RefusalCause::kTooLarge), 1U);
}

TEST_F(EngineTest, ExportersOfEqualFormShareAFrameAndOthersGetTheirOwn) {
  Destination& plain = AddExporter("plain");
  Destination& same = AddExporter("same");
  Destination& zstd = AddExporter("zstd", {}, {.codec = Codec::kZstd});
  AddPipeline("profiles", {0, 1, 2});
  Start();
  Send({.profiles = 2});
  Stop();
  ASSERT_THAT(plain.delivered(), SizeIs(1));
  ASSERT_THAT(same.delivered(), SizeIs(1));
  ASSERT_THAT(zstd.delivered(), SizeIs(1));
  EXPECT_EQ(plain.delivered()[0].id, same.delivered()[0].id);
  EXPECT_NE(plain.delivered()[0].id, zstd.delivered()[0].id);
  EXPECT_EQ(zstd.delivered()[0].codec, Codec::kZstd);
  EXPECT_EQ(zstd.delivered()[0].uncompressed_bytes, plain.delivered()[0].payload.size());
  ExpectConserved();
}

TEST_F(EngineTest, WhatIsLargerThanTheDestinationsLimitIsDroppedAsOversize) {
  Destination& destination = AddExporter("a", {}, {.max_request_bytes = 10});
  AddPipeline("profiles", {0});
  Start();
  Send({.profiles = 2});
  Stop();
  EXPECT_EQ(destination.attempts(), 0U);
  EXPECT_EQ(engine_->drain(0)
                .route_counters(0)
                .dropped[static_cast<size_t>(DropReason::kOversize)]
                .value(),
            2U);
  ExpectConserved();
}

TEST_F(EngineTest, ABlockedExporterDoesNotStopAnother) {
  Destination& blocked = AddExporter("blocked", {.queue_size = 2, .num_consumers = 1});
  Destination& free = AddExporter("free");
  blocked.ShutGate();
  AddPipeline("profiles", {0, 1});
  Start();
  for (uint64_t i = 0; i < 20; ++i) EXPECT_EQ(Send({.seed = i}).kind, Answer::Kind::kAccepted);
  free.AwaitAttempts(20);
  blocked.OpenGate();
  Stop();
  EXPECT_EQ(free.delivered_counts().profiles, 20U);
  EXPECT_GT(engine_->drain(0).route_counters(0).dropped_total(), 0U);
  ExpectConserved();
}

TEST_F(EngineTest, AFullInboxRefusesAndAsksToRetry) {
  Destination& destination = AddExporter("a", {.enabled = false});
  destination.ShutGate();
  options_.inbox_requests = 2;
  AddPipeline("profiles", {0});
  Start();
  Send({.seed = 0});  // answered, then its delivery holds the shard
  destination.AwaitAttempts(1);
  Reply waiting[2];
  for (Reply& reply : waiting) intake_({.body = RequestBytes({})}, reply.MakeAck());
  const Answer answer = Send({.seed = 9});
  EXPECT_EQ(answer.kind, Answer::Kind::kUnavailable);
  EXPECT_GE(answer.retry_after, milliseconds(1'000));
  EXPECT_EQ(refused(RefusalCause::kInboxFull), 1U);
  destination.OpenGate();
  for (Reply& reply : waiting) EXPECT_EQ(reply.Await().kind, Answer::Kind::kAccepted);
  Stop();
  ExpectConserved();
}

TEST_F(EngineTest, MemoryAboveTheSoftLimitRefusesUntilFramesLeave) {
  Destination& destination = AddExporter("a");
  destination.ShutGate();
  // The spike is what one admitted request may take before the next is asked.
  options_.memory_limiter = {.limit_bytes = 8'000'000, .spike_limit_bytes = 4'000'000};
  AddPipeline("profiles", {0});
  Start();
  const std::string body = RequestBytes({.samples_per_profile = 2'000});
  int accepted = 0;
  Answer answer;
  while ((answer = SendBody(body)).kind == Answer::Kind::kAccepted && accepted < 10'000) ++accepted;
  EXPECT_EQ(answer.kind, Answer::Kind::kUnavailable);
  EXPECT_GT(accepted, 0);
  EXPECT_GT(refused(RefusalCause::kMemory), 0U);
  EXPECT_LE(engine_->ledger().used(), engine_->ledger().limit());
  destination.OpenGate();
  while (SendBody(body).kind != Answer::Kind::kAccepted) std::this_thread::yield();
  Stop();
  ExpectConserved();
}

TEST_F(EngineTest, BodiesThatArriveAreChargedUntilTheyAreHandedOver) {
  AddExporter("a");
  options_.memory_limiter = {.limit_bytes = 1'000'000, .spike_limit_bytes = 1};
  AddPipeline("profiles", {0});
  Start();
  const BodyMeterMaker meters = engine_->BodyMetersOf(0, Transport::kGrpc);
  const size_t before = engine_->ledger().used();
  {
    BodyMeter first = meters();
    EXPECT_TRUE(first(100'000));
    EXPECT_TRUE(first(600'000));
    EXPECT_EQ(engine_->ledger().used(), before + 600'000);
    BodyMeter second = meters();
    EXPECT_FALSE(second(600'000));
    EXPECT_EQ(refused(RefusalCause::kMemory), 1U);
  }
  EXPECT_EQ(engine_->ledger().used(), before);
}

TEST_F(EngineTest, ARequestLargerThanTheBudgetIsNotRetryable) {
  AddExporter("a");
  options_.memory_limiter = {.limit_bytes = 100'000, .spike_limit_bytes = 1'000};
  AddPipeline("profiles", {0});
  Start();
  EXPECT_EQ(SendBody(std::string(200'000, 'x')).kind, Answer::Kind::kTooLarge);
}

TEST_F(EngineTest, RefusesBeforeStartAndAfterStop) {
  AddExporter("a");
  AddPipeline("profiles", {0});
  auto engine = Engine::Create(options_, {clock_, log_, registry_});
  ASSERT_TRUE(engine.ok());
  engine_ = *std::move(engine);
  intake_ = engine_->IntakeOf(0, Transport::kGrpc);
  EXPECT_EQ(Send({}).kind, Answer::Kind::kUnavailable);
  ASSERT_TRUE(engine_->Start().ok());
  EXPECT_EQ(Send({}).kind, Answer::Kind::kAccepted);
  Stop();
  EXPECT_EQ(Send({}).kind, Answer::Kind::kUnavailable);
  EXPECT_EQ(refused(RefusalCause::kShutdown), 2U);
}

TEST_F(EngineTest, StopDrainsOpenBatchesAndQueues) {
  Destination& destination = AddExporter("a", {.num_consumers = 1});
  AddPipeline("profiles", {0}, BatchPolicy{.timeout = std::chrono::hours(1)});
  options_.shards = 3;
  Start();
  for (uint64_t i = 0; i < 60; ++i) Send({.seed = i}, i);
  EXPECT_EQ(destination.attempts(), 0U);
  Stop();
  EXPECT_EQ(destination.delivered_counts().profiles, 60U);
  EXPECT_EQ(destination.stops(), 1);
  EXPECT_EQ(engine_->drain(0).route_counters(0).queued.value(), 0);
  ExpectConserved();
}

TEST_F(EngineTest, WhatIsLeftAtTheDeadlineIsCountedAsDropped) {
  Destination& destination = AddExporter("a", {.num_consumers = 1});
  destination.set_script([](const Frame&) { return Retry(); });
  AddPipeline("profiles", {0});
  Start();
  for (uint64_t i = 0; i < 5; ++i) Send({.profiles = 2, .seed = i});
  destination.AwaitAttempts(1);
  engine_->Stop(clock_.Now());
  const RouteCounters& route = engine_->drain(0).route_counters(0);
  EXPECT_EQ(route.dropped[static_cast<size_t>(DropReason::kShutdown)].value(), 10U);
  EXPECT_EQ(route.queued.value(), 0);
  ExpectConserved();
}

TEST_F(EngineTest, TheDeadlineCancelsAttemptsThatHang) {
  for (const bool queued : {true, false}) {
    engine_.reset();
    options_.exporters.clear();
    options_.pipelines.clear();
    Destination& destination = AddExporter("a", {.enabled = queued, .num_consumers = 2});
    destination.HangAttempts();
    AddPipeline("profiles", {0});
    Registry registry;
    auto engine = Engine::Create(options_, {clock_, log_, registry});
    ASSERT_TRUE(engine.ok());
    engine_ = *std::move(engine);
    ASSERT_TRUE(engine_->Start().ok());
    intake_ = engine_->IntakeOf(0, Transport::kGrpc);
    Reply replies[6];
    for (Reply& reply : replies) intake_({.body = RequestBytes({})}, reply.MakeAck());
    destination.AwaitAttempts(1);
    engine_->Stop(clock_.Now());
    const RouteCounters& route = engine_->drain(0).route_counters(0);
    EXPECT_EQ(route.dropped_total(), route.accepted.value());
    EXPECT_EQ(route.dropped[static_cast<size_t>(DropReason::kShutdown)].value(),
              route.accepted.value());
    EXPECT_EQ(route.queued.value(), 0);
    for (Reply& reply : replies) EXPECT_EQ(reply.count(), 1);
    ExpectConserved();
  }
}

TEST_F(EngineTest, TheDeadlineEndsAShardThatWaitsForItsDestination) {
  Destination& destination = AddExporter("a", {.enabled = false});
  destination.set_script([](const Frame&) { return Retry(); });
  AddPipeline("profiles", {0});
  Start();
  Send({});
  destination.AwaitAttempts(1);
  Reply waiting;
  intake_({.body = RequestBytes({})}, waiting.MakeAck());
  engine_->Stop(clock_.Now());
  EXPECT_EQ(waiting.Await().kind, Answer::Kind::kUnavailable);
  EXPECT_EQ(waiting.count(), 1);
  ExpectConserved();
}

TEST_F(EngineTest, EachPipelineOfAReceiverGetsEverything) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles/one", {0});
  AddPipeline("profiles/two", {0}, BatchPolicy{.timeout = std::chrono::hours(1)});
  Start();
  for (uint64_t i = 0; i < 4; ++i) Send({.seed = i});
  Stop();
  EXPECT_EQ(destination.delivered_counts().profiles, 8U);
  EXPECT_EQ(engine_->drain(0).route_counters(0).delivered.value(), 4U);
  EXPECT_EQ(engine_->drain(0).route_counters(1).delivered.value(), 4U);
  ExpectConserved();
}

TEST_F(EngineTest, AnExportersOwnBatchPolicyReplacesThePipelines) {
  Destination& at_once = AddExporter("at_once");
  Destination& batching = AddExporter("batching");
  options_.exporters[1].batch = BatchPolicy{.timeout = std::chrono::hours(1)};
  AddPipeline("profiles", {0, 1});
  Start();
  for (uint64_t i = 0; i < 4; ++i) Send({.seed = i});
  at_once.AwaitAttempts(4);
  EXPECT_EQ(batching.attempts(), 0U);
  Stop();
  EXPECT_EQ(batching.attempts(), 1U);
  EXPECT_EQ(batching.delivered_counts().profiles, 4U);
  ExpectConserved();
}

TEST_F(EngineTest, ADialectTheReceiverDoesNotAcceptIsRefused) {
  AddExporter("a");
  AddPipeline("profiles", {0});
  options_.receivers[0].accept = {.v1_10 = false};
  Start();
  const Answer answer = Send({});
  EXPECT_EQ(answer.kind, Answer::Kind::kInvalid);
  EXPECT_THAT(answer.message, HasSubstr("schema_not_accepted"));
}

TEST_F(EngineTest, BytesThatMayBeCompressedInAnUnknownWayGetBothCausesNamed) {
  AddExporter("a");
  AddPipeline("profiles", {0});
  Start();
  const Answer unknown = SendBody("\x78\x9c zlib");
  EXPECT_EQ(unknown.kind, Answer::Kind::kInvalid);
  EXPECT_THAT(unknown.message, HasSubstr("request refused at byte"));
  EXPECT_THAT(unknown.message, HasSubstr("if the body is compressed"));
  EXPECT_THAT(SendBody("\x0a\x7f").message, Not(HasSubstr("compressed")));
}

TEST_F(EngineTest, ASenderOfAnOldDialectIsWarnedOnceAConnection) {
  AddExporter("a");
  AddPipeline("profiles", {0});
  Start();
  const auto old = Renumber(RequestBytes({}), Dialect::kV1_10, Dialect::kV1_9);
  ASSERT_TRUE(old.ok());
  const Answer first = SendBody(*old, Codec::kNone, 1);
  EXPECT_EQ(first.kind, Answer::Kind::kAccepted);
  EXPECT_EQ(first.rejected_profiles, 0);
  EXPECT_THAT(first.message, HasSubstr("schema_1_9: nothing was refused"));
  EXPECT_EQ(SendBody(*old, Codec::kNone, 1).message, "");
  EXPECT_THAT(SendBody(*old, Codec::kNone, 2).message, HasSubstr("schema_1_9"));
  EXPECT_EQ(Send({}, 3).message, "");
}

TEST_F(EngineTest, SpecsThatDoNotFitTogetherAreRefused) {
  AddExporter("a");
  AddPipeline("profiles", {1});
  EXPECT_FALSE(Engine::Create(options_, {clock_, log_, registry_}).ok());
  options_.pipelines[0].exporters = {};
  EXPECT_FALSE(Engine::Create(options_, {clock_, log_, registry_}).ok());
  options_.pipelines[0] = {.receivers = {7}, .exporters = {0}};
  EXPECT_FALSE(Engine::Create(options_, {clock_, log_, registry_}).ok());
  options_.exporters[0].create = [] { return absl::InvalidArgumentError("bad endpoint"); };
  EXPECT_THAT(std::string(Engine::Create(options_, {clock_, log_, registry_}).status().message()),
              HasSubstr("exporter a: bad endpoint"));
}

TEST_F(EngineTest, MetricsCarryTheCollectorsNames) {
  AddExporter("otlp_grpc");
  AddPipeline("profiles", {0});
  Start();
  Send({.profiles = 2, .samples_per_profile = 3});
  Stop();
  const std::string text = registry_.PrometheusText();
  for (const char* line :
       {"otelcol_receiver_accepted_profile_samples{receiver=\"otlp\",transport=\"grpc\"} 6\n",
        "otelcol_exporter_sent_profile_samples{exporter=\"otlp_grpc\"} 6\n",
        "otelcol_exporter_queue_size{exporter=\"otlp_grpc\",data_type=\"profiles\"} 0\n",
        "otelcol_exporter_queue_capacity{exporter=\"otlp_grpc\",data_type=\"profiles\"} 1000\n",
        "flameway_exporter_profiles_delivered{exporter=\"otlp_grpc\",pipeline=\"profiles\"} 2\n",
        "flameway_pipeline_batches_sealed{pipeline=\"profiles\",batcher=\"pipeline\",trigger="
        "\"request\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

// Every way to fail at once: bad profiles, broken bytes, failing and full destinations, a cut
// shutdown.
TEST_F(EngineTest, ConservationHoldsUnderRandomFailures) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    engine_.reset();
    options_.exporters.clear();
    options_.pipelines.clear();
    options_.shards = 1 + seed % 3;
    options_.inbox_requests = 8;
    Mutex mutex;
    std::mt19937 random(seed);
    for (const char* name : {"a", "b", "c"}) {
      const auto fail_percent = random() % 60;
      QueueOptions queue = {.queue_size = 3 + random() % 10, .num_consumers = 2};
      queue.block_on_overflow = random() % 3 == 0;
      queue.enabled = random() % 5 != 0;
      constexpr Codec kWanted[] = {Codec::kNone, Codec::kGzip, Codec::kZstd};
      WireForm form = {.codec = kWanted[random() % 3]};
      if (random() % 3 == 0) form.row_order = WireForm::RowOrder::kByUse;
      if (random() % 3 == 0) form.max_request_bytes = 600;
      AddExporter(name, queue, form).set_script([&mutex, &random, fail_percent](const Frame&) {
        const MutexLock lock(mutex);
        if (random() % 100 >= fail_percent) return Delivered();
        return random() % 4 == 0 ? Permanent() : Retry();
      });
    }
    AddPipeline("one", {0, 1});  // what is flawless leaves as it came
    AddPipeline("two", {1, 2}, BatchPolicy{.send_batch_samples = 40, .timeout = milliseconds(300)});
    Registry registry;
    Start(registry);

    std::atomic<bool> ended{false};
    std::thread time([&] {
      while (!ended) {
        clock_.Advance(milliseconds(50));
        std::this_thread::yield();
      }
    });
    std::atomic<uint64_t> promised{0};
    std::vector<std::thread> senders;
    for (unsigned t = 0; t < 3; ++t) {
      senders.emplace_back([this, t, seed, &promised] {
        std::mt19937 dice(100 * seed + t);
        Compressor compressor;
        for (int i = 0; i < 40; ++i) {
          RequestShape shape;
          shape.profiles = static_cast<int>(dice() % 4);
          shape.bad_profiles = static_cast<int>(dice() % 3);
          shape.samples_per_profile = static_cast<int>(dice() % 5);
          shape.seed = dice() % 10;
          constexpr Codec kSent[] = {Codec::kNone, Codec::kGzip, Codec::kZstd};
          const Codec codec = kSent[dice() % 3];
          std::string body;
          ASSERT_TRUE(compressor.Compress(codec, 0, RequestBytes(shape), &body).ok());
          if (dice() % 10 == 0) body.resize(body.size() / 2);
          const Answer answer = SendBody(std::move(body), codec, t);
          if (answer.kind == Answer::Kind::kAccepted) {
            promised += static_cast<uint64_t>(shape.profiles + shape.bad_profiles) -
                        static_cast<uint64_t>(answer.rejected_profiles);
          }
        }
      });
    }
    for (std::thread& sender : senders) sender.join();
    ended = true;
    time.join();
    engine_->Stop(clock_.Now());
    EXPECT_EQ(received().profiles_accepted.value(), promised.load());
    ExpectConserved();
    for (size_t e = 0; e < 3; ++e) EXPECT_EQ(engine_->drain(e).route_counters(0).queued.value(), 0);
    for (const Destination& destination : destinations_) {
      EXPECT_EQ(destination.stops(), 1);
    }
  }
}

}  // namespace
}  // namespace flameway
