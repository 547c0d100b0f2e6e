// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "bridge/flow/engine.h"
#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"
#include "tests/bridge/flow/manual_clock.h"
#include "tests/bridge/flow/request_bytes.h"
#include "tests/bridge/flow/scripted_exporter.h"

namespace flameway {

// An answer that arrives some time.
class Reply {
 public:
  Ack MakeAck() {
    return Ack([this](const Answer& answer) {
      const MutexLock lock(mutex_);
      answer_ = answer;
      ++count_;
      changed_.NotifyAll();
    });
  }
  Answer Await() {
    const MutexLock lock(mutex_);
    while (!answer_.has_value()) changed_.Wait(mutex_);
    return *answer_;
  }
  int count() {
    const MutexLock lock(mutex_);
    return count_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::optional<Answer> answer_ ABSL_GUARDED_BY(mutex_);
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    options_.shards = 1;
    options_.receivers.push_back({.name = "otlp"});
    options_.memory_limiter = {.limit_bytes = size_t{1} << 30,
                               .spike_limit_bytes = size_t{200} << 20};
  }

  Destination& AddExporter(const std::string& name, const QueueOptions& queue = {},
                           const WireForm& form = {}) {
    Destination& destination = destinations_.emplace_back();
    destination.set_wire_form(form);
    options_.exporters.push_back(
        {.name = name,
         .create = [&destination] { return destination.MakeExporter(); },
         .queue = queue,
         .retry = {.initial_interval = std::chrono::milliseconds(1'000),
                   .max_elapsed_time = std::chrono::milliseconds(20'000)}});
    return destination;
  }
  void AddPipeline(const std::string& name, std::vector<size_t> exporters,
                   std::optional<BatchPolicy> batch = std::nullopt) {
    options_.pipelines.push_back(
        {.name = name, .receivers = {0}, .exporters = std::move(exporters), .batch = batch});
  }
  void Start() { Start(registry_); }
  // An engine after another one has a registry of its own.
  void Start(Registry& registry) {
    auto engine = Engine::Create(options_, {clock_, log_, registry});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    intake_ = engine_->IntakeOf(0, Transport::kGrpc);
    ASSERT_TRUE(engine_->Start().ok());
  }
  // Within a deadline that does not pass by itself.
  void Stop() { engine_->Stop(clock_.Now() + std::chrono::hours(1)); }

  Answer SendBody(std::string body, Codec codec = Codec::kNone, uint64_t connection = 1) {
    Reply reply;
    intake_({.body = std::move(body), .codec = codec, .connection = connection}, reply.MakeAck());
    return reply.Await();
  }
  Answer Send(const RequestShape& shape, uint64_t connection = 1) {
    return SendBody(RequestBytes(shape), Codec::kNone, connection);
  }
  uint64_t sealed(SealTrigger trigger, size_t pipeline = 0) const {
    return engine_->pipeline(pipeline).sealed[static_cast<size_t>(trigger)].value();
  }
  const ReceiverCounters& received() const {
    return engine_->receiver_counters(0, Transport::kGrpc);
  }
  uint64_t refused(RefusalCause cause) const {
    return received().refused[static_cast<size_t>(cause)].value();
  }
  void ExpectConserved() const {
    EXPECT_EQ(received().profiles_received.value(),
              received().profiles_accepted.value() + received().rejected_total());
    std::vector<size_t> routes(options_.exporters.size());
    for (const PipelineSpec& pipeline : options_.pipelines) {
      for (const size_t exporter : pipeline.exporters) {
        const RouteCounters& route = engine_->drain(exporter).route_counters(routes[exporter]++);
        EXPECT_EQ(route.accepted.value(), received().profiles_accepted.value());
        EXPECT_EQ(route.accepted.value(), route.delivered.value() + route.dropped_total() +
                                              static_cast<uint64_t>(route.queued.value()));
      }
    }
  }

  ManualClock clock_;
  std::ostringstream out_;
  Log log_{
      {.level = LogLevel::kError, .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_)}};
  Registry registry_;
  GatewayOptions options_;
  std::deque<Destination> destinations_;
  std::unique_ptr<Engine> engine_;
  Intake intake_;
};

}  // namespace flameway
