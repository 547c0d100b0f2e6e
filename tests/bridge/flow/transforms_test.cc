// SPDX-License-Identifier: Apache-2.0
// Pipelines that transform: what a filter removes is counted once, and everything else adds up.
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/flow/engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "processor/transform/plan.h"
#include "tests/bridge/flow/engine_fixture.h"
#include "tests/bridge/flow/request_bytes.h"
#include "tests/bridge/flow/scripted_exporter.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

TransformPlan PlanOf(const TransformOptions& options) {
  auto made = TransformRecipe::Create(options);
  return TransformPlan({std::get<std::shared_ptr<const TransformRecipe>>(std::move(made))});
}

TransformPlan Dropping(std::vector<std::string> conditions) {
  FilterOptions options;
  options.groups.push_back({.context = {}, .error_mode = {}, .conditions = std::move(conditions)});
  return PlanOf(options);
}

constexpr const char* kNoisy = "resource.attributes[\"service.name\"] == \"noisy\"";
constexpr const char* kIdle = "profilesample.attributes[\"idle\"] == true";

class FlowTransformsTest : public EngineTest {
 protected:
  void AddPipelineWith(TransformPlan plan, std::optional<BatchPolicy> batch = std::nullopt,
                       const std::string& name = "profiles", size_t exporter = 0) {
    AddPipeline(name, {exporter}, batch);
    options_.pipelines.back().transforms = std::move(plan);
  }
  const RouteCounters& route(size_t exporter = 0) const {
    return engine_->drain(exporter).route_counters(0);
  }
  uint64_t filtered(size_t exporter = 0) const {
    return route(exporter).dropped[static_cast<size_t>(DropReason::kFilter)].value();
  }
};

TEST_F(FlowTransformsTest, WhatAFilterRemovesIsAcceptedCountedAndNotSent) {
  Destination& destination = AddExporter("a");
  AddPipelineWith(Dropping({kNoisy}));
  Start();
  EXPECT_EQ(Send({.profiles = 3, .samples_per_profile = 2, .service = "noisy"}).kind,
            Answer::Kind::kAccepted);
  EXPECT_EQ(filtered(), 3U);
  EXPECT_EQ(route().queued.value(), 0);
  Send({.profiles = 2, .samples_per_profile = 4, .service = "shop"});
  Stop();
  EXPECT_EQ(destination.delivered_counts(), (FrameCounts{.profiles = 2, .samples = 8}));
  EXPECT_EQ(engine_->pipeline(0).filtered_samples.value(), 6U);
  EXPECT_EQ(route().delivered.value(), 2U);
  ExpectConserved();
}

TEST_F(FlowTransformsTest, AProfileIsFilteredWithItsLastSampleOnly) {
  Destination& destination = AddExporter("a");
  AddPipelineWith(Dropping({kIdle}), BatchPolicy{.timeout = milliseconds(200)});
  Start();
  Send({.profiles = 2, .samples_per_profile = 3, .idle_samples_per_profile = 4});
  EXPECT_EQ(filtered(), 0U);
  Send({.profiles = 5, .samples_per_profile = 0, .seed = 1, .idle_samples_per_profile = 1});
  EXPECT_EQ(filtered(), 5U);
  Stop();
  EXPECT_EQ(destination.delivered_counts(), (FrameCounts{.profiles = 2, .samples = 6}));
  EXPECT_EQ(engine_->pipeline(0).filtered_samples.value(), 13U);
  ExpectConserved();
}

TEST_F(FlowTransformsTest, ABatchOfNothingOwesNothingAndEnds) {
  Destination& destination = AddExporter("a");
  AddPipelineWith(Dropping({kNoisy}), BatchPolicy{.timeout = milliseconds(200)});
  Start();
  Send({.service = "noisy"});
  EXPECT_EQ(route().queued.value(), 0);
  clock_.Advance(milliseconds(150));
  Send({.seed = 1, .service = "noisy"});
  clock_.Advance(milliseconds(50));  // the first one's age
  Send({.seed = 2, .service = "shop"});
  clock_.Advance(milliseconds(200));
  destination.AwaitAttempts(1);
  Stop();
  EXPECT_EQ(destination.delivered_counts().profiles, 1U);
  EXPECT_EQ(sealed(SealTrigger::kAge), 1U);
  EXPECT_EQ(filtered(), 2U);
  ExpectConserved();
}

TEST_F(FlowTransformsTest, FilteredSamplesDoNotFillABatch) {
  AddExporter("a");
  AddPipelineWith(Dropping({kIdle}),
                  BatchPolicy{.send_batch_samples = 10, .timeout = milliseconds(200)});
  Start();
  for (uint64_t i = 0; i < 3; ++i) {
    Send({.samples_per_profile = 3, .seed = i, .idle_samples_per_profile = 50});
  }
  EXPECT_EQ(sealed(SealTrigger::kSamples), 0U);
  Send({.samples_per_profile = 1, .seed = 4});
  Stop();
  EXPECT_EQ(sealed(SealTrigger::kSamples), 1U);
  ExpectConserved();
}

TEST_F(FlowTransformsTest, EachPipelineTransformsForItself) {
  Destination& all = AddExporter("all");
  Destination& some = AddExporter("some");
  AddPipelineWith({}, std::nullopt, "profiles/all", 0);
  AddPipelineWith(Dropping({kNoisy}), std::nullopt, "profiles/some", 1);
  Start();
  Send({.profiles = 2, .service = "noisy"});
  Send({.profiles = 3, .service = "shop"});
  Stop();
  EXPECT_EQ(all.delivered_counts().profiles, 5U);
  EXPECT_EQ(some.delivered_counts().profiles, 3U);
  EXPECT_EQ(filtered(0), 0U);
  EXPECT_EQ(filtered(1), 2U);
  ExpectConserved();
}

TEST_F(FlowTransformsTest, FailuresAreCountedAndTheRowStays) {
  Destination& destination = AddExporter("a");
  StatementsOptions options;
  options.groups.push_back({.context = {},
                            .error_mode = {},
                            .conditions = {},
                            .statements = {"set(resource.attributes[\"x\"], "
                                           "Substring(resource.attributes[\"service.name\"], 0, "
                                           "100))"}});
  AddPipelineWith(PlanOf(options));
  Start();
  Send({.service = "shop"});
  Stop();
  EXPECT_EQ(engine_->pipeline(0).transform_failures.value(), 1U);
  EXPECT_EQ(destination.delivered_counts().profiles, 1U);
  EXPECT_THAT(registry_.PrometheusText(),
              HasSubstr("flameway_pipeline_transform_failures{pipeline=\"profiles\","
                        "batcher=\"pipeline\"} 1\n"));
}

TEST_F(FlowTransformsTest, FilteringHasTheCollectorsMetric) {
  AddExporter("a");
  AddPipelineWith(Dropping({kNoisy}));
  Start();
  Send({.profiles = 1, .samples_per_profile = 7, .service = "noisy"});
  Stop();
  const std::string text = registry_.PrometheusText();
  EXPECT_THAT(text, HasSubstr("otelcol_processor_filter_profiles_filtered{pipeline=\"profiles\","
                              "batcher=\"pipeline\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("reason=\"filter\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("otelcol_exporter_send_failed_profile_samples{exporter=\"a\"} 0\n"));
}

TEST_F(FlowTransformsTest, WithoutTransformsThereIsNoSuchMetric) {
  AddExporter("a");
  AddPipeline("profiles", {0});
  Start();
  Stop();
  EXPECT_THAT(registry_.PrometheusText(),
              Not(HasSubstr("otelcol_processor_filter_profiles_filtered{")));
}

TEST_F(FlowTransformsTest, ConservationHoldsWithFiltersUnderRandomFailures) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    engine_.reset();
    options_.exporters.clear();
    options_.pipelines.clear();
    options_.shards = 1 + seed % 3;
    Mutex mutex;
    std::mt19937 random(seed);  // NOLINT: the same each time
    for (const char* name : {"a", "b"}) {
      const auto fail_percent = random() % 60;
      QueueOptions queue = {.queue_size = 3 + random() % 10, .num_consumers = 2};
      queue.enabled = random() % 4 != 0;
      AddExporter(name, queue).set_script([&mutex, &random, fail_percent](const Frame&) {
        const MutexLock lock(mutex);
        if (random() % 100 >= fail_percent) return Delivered();
        return random() % 4 == 0 ? Permanent() : Retry();
      });
    }
    AddPipelineWith(Dropping({kIdle, kNoisy}), std::nullopt, "one", 0);
    AddPipelineWith(Dropping({kIdle}),
                    BatchPolicy{.send_batch_samples = 20, .timeout = milliseconds(300)}, "two", 1);
    Registry registry;
    Start(registry);
    std::atomic<bool> ended{false};
    std::thread time([&] {
      while (!ended) {
        clock_.Advance(milliseconds(50));
        std::this_thread::yield();
      }
    });
    std::vector<std::thread> senders;
    for (unsigned t = 0; t < 2; ++t) {
      senders.emplace_back([this, t, seed] {
        std::mt19937 dice(100 * seed + t);  // NOLINT: the same each time
        for (int i = 0; i < 40; ++i) {
          RequestShape shape;
          shape.profiles = static_cast<int>(dice() % 4);
          shape.bad_profiles = static_cast<int>(dice() % 3);
          shape.samples_per_profile = static_cast<int>(dice() % 3);
          shape.idle_samples_per_profile = static_cast<int>(dice() % 3);
          shape.service = dice() % 2 == 0 ? "noisy" : "shop";
          shape.seed = dice() % 10;
          SendBody(RequestBytes(shape), Codec::kNone, t);
        }
      });
    }
    for (std::thread& sender : senders) sender.join();
    Stop();
    ended = true;
    time.join();
    ExpectConserved();
    EXPECT_GT(filtered(0), 0U);
    EXPECT_EQ(route(0).queued.value(), 0);
    EXPECT_EQ(route(1).queued.value(), 0);
  }
}

}  // namespace
}  // namespace flameway
