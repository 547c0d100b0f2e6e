// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/file_run.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "bridge/cli/gateway_plan.h"
#include "bridge/cli/input_files.h"
#include "bridge/cli/message_file.h"
#include "bridge/cli/output_file.h"
#include "bridge/cli/pipeline_choice.h"
#include "bridge/cli/status_message.h"
#include "bridge/export/exporter.h"
#include "bridge/flow/clock.h"
#include "bridge/flow/engine.h"
#include "bridge/observe/mutex.h"
#include "bridge/observe/registry.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// Deadlines never come: whoever waits is notified.
class StillClock final : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override { return TimePoint(std::chrono::hours(1)); }
  void WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) const override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (Now() < deadline) condition.Wait(mutex);
  }
};

// The messages that would have been sent. Outlives the engine.
class Outbox {
 public:
  void Put(const Frame& frame) {
    const MutexLock lock(mutex_);
    messages_.push_back(frame.payload);
    samples_ += frame.samples_out;
  }
  std::vector<std::string> Take() {
    const MutexLock lock(mutex_);
    return std::move(messages_);
  }
  [[nodiscard]] uint64_t samples() {
    const MutexLock lock(mutex_);
    return samples_;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mutex_);
  uint64_t samples_ ABSL_GUARDED_BY(mutex_) = 0;
};

class OutboxLane final : public ExportLane {
 public:
  explicit OutboxLane(Outbox& outbox) : outbox_(outbox) {}
  Delivery Deliver(const Frame& frame) override {
    outbox_.Put(frame);
    return {};
  }

 private:
  Outbox& outbox_;
};

class OutboxExporter final : public Exporter {
 public:
  explicit OutboxExporter(Outbox& outbox) : outbox_(outbox) {}
  [[nodiscard]] WireForm wire_form() const override { return {}; }
  [[nodiscard]] std::unique_ptr<ExportLane> OpenLane() override {
    return std::make_unique<OutboxLane>(outbox_);
  }

 private:
  Outbox& outbox_;
};

// One answer, awaited.
class Reply {
 public:
  Ack MakeAck() {
    return Ack([this](const Answer& answer) {
      const MutexLock lock(mutex_);
      answer_ = answer;
      arrived_.NotifyAll();
    });
  }
  Answer Await() {
    const MutexLock lock(mutex_);
    while (!answer_.has_value()) arrived_.Wait(mutex_);
    return *answer_;
  }

 private:
  Mutex mutex_;
  CondVar arrived_;
  std::optional<Answer> answer_ ABSL_GUARDED_BY(mutex_);
};

// The gateway's plan with one pipeline, the first of its receivers, and the outbox.
GatewayOptions PlanFor(const GatewayConfig& config, const PipelineConfig& pipeline,
                       Outbox& outbox) {
  GatewayOptions all = PlanGateway(config);
  GatewayOptions plan;
  for (const ReceiverSpec& receiver : all.receivers) {
    if (receiver.name == pipeline.receivers.front()) plan.receivers.push_back(receiver);
  }
  plan.exporters.push_back({.name = "output",
                            .create = [&outbox]() -> absl::StatusOr<std::unique_ptr<Exporter>> {
                              return std::make_unique<OutboxExporter>(outbox);
                            },
                            .queue = {.enabled = false},
                            .retry = {},
                            .batch = {}});
  plan.pipelines.push_back({.name = pipeline.id,
                            .receivers = {0},
                            .exporters = {0},
                            .batch = pipeline.batch,
                            .transforms = pipeline.transforms});
  plan.request_limits = all.request_limits;
  plan.batch_limits = all.batch_limits;
  plan.coalesce = all.coalesce;
  plan.decompress_limits = all.decompress_limits;
  plan.shards = 1;
  // The user's own files are not refused for memory: nothing would free it.
  plan.memory_limiter = {.limit_bytes = size_t{1} << 46, .spike_limit_bytes = 0};
  return plan;
}

// Sends everything; says every failure. Goes on after one.
ExitCode Feed(const FileRunOptions& options, const Intake& intake, const Console& console,
              uint64_t& requests) {
  InputFiles files({.paths = options.inputs}, console.in());
  ExitCode code = ExitCode::kSuccess;
  uint64_t connection = 0;
  for (;;) {
    const absl::StatusOr<std::optional<InputMessage>> message = files.Next();
    if (!message.ok()) {
      code = console.Fail(message.status());
      continue;
    }
    if (!message->has_value()) return code;
    const InputMessage& input = **message;
    if (input.index == 0) ++connection;
    ++requests;
    Reply reply;
    intake({.body = std::string(input.bytes), .codec = Codec::kNone, .connection = connection},
           reply.MakeAck());
    const Answer answer = reply.Await();
    if (answer.kind != Answer::Kind::kAccepted) {
      code = console.Fail(ExitCode::kUndecodable,
                          fmt::format("{}: refused: {}", input.name, answer.message));
    } else if (answer.rejected_profiles > 0) {
      console.Notice(fmt::format("{}: {} profiles refused: {}", input.name,
                                 answer.rejected_profiles, answer.message));
    }
  }
}

}  // namespace

ExitCode RunFiles(const GatewayConfig& config, const FileRunOptions& options,
                  const Console& console, Log& log) {
  const absl::StatusOr<const PipelineConfig*> pipeline = ChoosePipeline(config, options.pipeline);
  if (!pipeline.ok()) return console.Fail(ExitCode::kUsage, MessageOf(pipeline.status()));
  Outbox outbox;
  const StillClock clock;
  Registry registry;
  absl::StatusOr<std::unique_ptr<Engine>> created =
      Engine::Create(PlanFor(config, **pipeline, outbox), {clock, log, registry});
  if (!created.ok()) return console.Fail(ExitCode::kInternal, MessageOf(created.status()));
  Engine& engine = **created;
  if (const absl::Status status = engine.Start(); !status.ok()) {
    return console.Fail(ExitCode::kInternal, MessageOf(status));
  }
  uint64_t requests = 0;
  const ExitCode fed = Feed(options, engine.IntakeOf(0, Transport::kGrpc), console, requests);
  engine.Stop(clock.Now() + std::chrono::hours(1));

  std::vector<std::string> messages = outbox.Take();
  const size_t count = messages.size();
  absl::StatusOr<std::string> content =
      PackMessages(std::move(messages), std::nullopt, CodecOfName(options.output));
  if (!content.ok()) return console.Fail(ExitCode::kInternal, MessageOf(content.status()));
  if (const absl::Status status = WriteOutputFile(options.output, *content, console.out());
      !status.ok()) {
    return console.Fail(status);
  }
  const RouteCounters& route = engine.drain(0).route_counters(0);
  const ReceiverCounters& received = engine.receiver_counters(0, Transport::kGrpc);
  console.Notice(fmt::format(
      "{} requests -> {} messages; profiles: {} received, {} refused, {} filtered, {} written in "
      "{} samples",
      requests, count, received.profiles_received.value(), received.rejected_total(),
      route.dropped[static_cast<size_t>(DropReason::kFilter)].value(), route.delivered.value(),
      outbox.samples()));
  if (const uint64_t failures = engine.pipeline(0).transform_failures.value(); failures > 0) {
    console.Notice(fmt::format("conditions and statements that failed on a row: {}", failures));
  }
  return fed;
}

}  // namespace flameway
