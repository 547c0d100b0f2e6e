// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/engine.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "bridge/flow/answers.h"
#include "bridge/flow/machine_memory.h"
#include "bridge/flow/random_bytes.h"

namespace flameway {
namespace {

// What a waiting request takes beside its body.
constexpr size_t kJobBytes = 1'024;

// Connections are numbered in sequence; neighbours should not share a shard.
uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCDU;
  value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53U;
  return value ^ (value >> 33);
}

size_t EntranceIndex(size_t receiver, Transport transport) {
  return 2 * receiver + (transport == Transport::kGrpc ? 0 : 1);
}

void Refuse(Entrance& entrance, Ack& ack, RefusalCause cause, const Answer& answer) {
  entrance.counters.CountRefusal(cause);
  entrance.counters.CountAnswer(answer);
  ack.Complete(answer);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(const GatewayOptions& options,
                                                       Surroundings surroundings) {
  std::unique_ptr<Engine> engine(new Engine(options, surroundings));
  for (const ExporterSpec& spec : options.exporters) {
    absl::StatusOr<std::unique_ptr<Exporter>> exporter = spec.create();
    if (!exporter.ok()) {
      return absl::Status(exporter.status().code(), "exporter " + spec.name + ": " +
                                                        std::string(exporter.status().message()));
    }
    engine->drains_.push_back(std::make_unique<Drain>(
        DrainOptions{.name = spec.name, .queue = spec.queue, .retry = spec.retry},
        *std::move(exporter), surroundings.clock, surroundings.log));
  }
  engine->BuildEntrances(options);
  if (absl::Status status = engine->BuildPipelines(options); !status.ok()) return status;
  engine->BuildShards(options);
  engine->Register();
  return engine;
}

Engine::Engine(const GatewayOptions& options, Surroundings surroundings)
    : surroundings_(surroundings),
      ledger_(options.memory_limiter.has_value() ? *options.memory_limiter
                                                 : DefaultMemoryLimiter(MachineMemoryBytes()),
              surroundings.clock) {}

Engine::~Engine() { Stop(surroundings_.clock.Now()); }

absl::Status Engine::BuildPipelines(const GatewayOptions& options) {
  for (const PipelineSpec& spec : options.pipelines) {
    if (spec.exporters.empty() || spec.receivers.empty()) {
      return absl::InvalidArgumentError("pipeline " + spec.name +
                                        " needs at least one receiver and one exporter");
    }
    const auto beyond = [](size_t count) {
      return [count](size_t index) { return index >= count; };
    };
    if (std::ranges::any_of(spec.receivers, beyond(options.receivers.size())) ||
        std::ranges::any_of(spec.exporters, beyond(options.exporters.size()))) {
      return absl::InvalidArgumentError("pipeline " + spec.name +
                                        " names a component that does not exist");
    }
    AddPipelines(options, spec);
  }
  return absl::OkStatus();
}

void Engine::AddPipelines(const GatewayOptions& options, const PipelineSpec& spec) {
  const size_t first = pipelines_.size();
  const auto add = [&](std::string batcher, const std::optional<BatchPolicy>& policy) {
    const BatchOptions batch = {.limits = options.batch_limits, .coalesce = options.coalesce};
    pipelines_.push_back(std::make_unique<Pipeline>(PipelineOptions{.name = spec.name,
                                                                    .batcher = std::move(batcher),
                                                                    .policy = policy,
                                                                    .batch = batch,
                                                                    .transforms = spec.transforms,
                                                                    .log = &surroundings_.log}));
    return pipelines_.back().get();
  };
  Pipeline* shared = nullptr;
  for (const size_t exporter : spec.exporters) {
    const ExporterSpec& exporter_spec = options.exporters[exporter];
    Pipeline* pipeline = nullptr;
    if (exporter_spec.batch.has_value()) {
      pipeline = add(exporter_spec.name, exporter_spec.batch);
    } else {
      if (shared == nullptr) shared = add("pipeline", spec.batch);
      pipeline = shared;
    }
    pipeline->AddExporter(*drains_[exporter]);
  }
  for (const size_t receiver : spec.receivers) {
    for (const Transport transport : {Transport::kGrpc, Transport::kHttp}) {
      Entrance& entrance = *entrances_[EntranceIndex(receiver, transport)];
      for (size_t i = first; i < pipelines_.size(); ++i) entrance.pipelines.push_back(i);
    }
  }
}

void Engine::BuildEntrances(const GatewayOptions& options) {
  for (const ReceiverSpec& spec : options.receivers) {
    for (const Transport transport : {Transport::kGrpc, Transport::kHttp}) {
      auto entrance = std::make_unique<Entrance>();
      entrance->receiver = spec.name;
      entrance->transport = transport;
      entrance->accept = spec.accept;
      entrance->assumed_dialect = spec.assumed_dialect;
      entrances_.push_back(std::move(entrance));
    }
  }
}

void Engine::BuildShards(const GatewayOptions& options) {
  ShardOptions shard_options;
  shard_options.inbox_requests = options.inbox_requests;
  shard_options.decompress = options.decompress_limits;
  shard_options.request.limits = options.request_limits;
  FillRandom(shard_options.request.secret.bytes.data(), shard_options.request.secret.bytes.size());
  std::vector<Pipeline*> pipelines;
  for (const auto& pipeline : pipelines_) pipelines.push_back(pipeline.get());
  const size_t cores = std::max(std::thread::hardware_concurrency(), 1U);
  const size_t count = options.shards > 0 ? options.shards : cores;
  for (size_t i = 0; i < count; ++i) {
    shards_.push_back(
        std::make_unique<Shard>(shard_options, pipelines, ledger_, surroundings_.clock));
  }
}

void Engine::Register() {
  Registry& registry = surroundings_.registry;
  for (const auto& entrance : entrances_) {
    entrance->counters.Register(registry, entrance->receiver,
                                entrance->transport == Transport::kGrpc ? "grpc" : "http");
  }
  for (const auto& pipeline : pipelines_) pipeline->Register(registry);
  for (const auto& drain : drains_) drain->Register(registry);
  for (size_t i = 0; i < shards_.size(); ++i) {
    registry.Add(Metric::kInboxRequests, {{"shard", std::to_string(i)}},
                 [shard = shards_[i].get()] { return static_cast<double>(shard->inbox_size()); });
  }
  registry.Add(Metric::kMemoryUsed, {}, [this] { return static_cast<double>(ledger_.used()); });
  registry.Add(Metric::kMemoryLimit, {}, [this] { return static_cast<double>(ledger_.limit()); });
}

absl::Status Engine::Start() {
  for (const auto& drain : drains_) {
    if (absl::Status status = drain->Start(); !status.ok()) {
      return absl::Status(status.code(),
                          "exporter " + drain->name() + ": " + std::string(status.message()));
    }
  }
  for (const auto& shard : shards_) shard->Start();
  accepting_ = true;
  return absl::OkStatus();
}

void Engine::Stop(TimePoint deadline) {
  accepting_ = false;
  for (const auto& shard : shards_) shard->Close();
  for (const auto& shard : shards_) {
    if (shard->AwaitDone(deadline)) continue;
    // First what is not answered yet goes back to its sender; then shards that wait for a
    // destination are let go.
    for (const auto& late : shards_) late->Cut();
    for (const auto& drain : drains_) drain->Cut();
    break;
  }
  for (const auto& shard : shards_) shard->Join();
  for (const auto& drain : drains_) drain->Close();
  for (const auto& drain : drains_) {
    if (!drain->AwaitIdle(deadline)) break;
  }
  for (const auto& drain : drains_) drain->Cut();
  for (const auto& drain : drains_) drain->Join();
}

Intake Engine::IntakeOf(size_t receiver, Transport transport) {
  Entrance& entrance = *entrances_[EntranceIndex(receiver, transport)];
  return [this, &entrance](Arrival arrival, Ack ack) {
    Admit(entrance, std::move(arrival), std::move(ack));
  };
}

BodyMeterMaker Engine::BodyMetersOf(size_t receiver, Transport transport) {
  Entrance& entrance = *entrances_[EntranceIndex(receiver, transport)];
  return [this, &entrance]() -> BodyMeter {
    return [&entrance, lease = ledger_.Charge(0)](size_t body_bytes) mutable {
      if (lease.TryResize(body_bytes)) return true;
      entrance.counters.CountRefusal(RefusalCause::kMemory);
      entrance.counters.CountAnswer({.kind = Answer::Kind::kUnavailable});
      return false;
    };
  };
}

const ReceiverCounters& Engine::receiver_counters(size_t receiver, Transport transport) const {
  return entrances_[EntranceIndex(receiver, transport)]->counters;
}

void Engine::Admit(Entrance& entrance, Arrival arrival, Ack ack) {
  entrance.counters.wire_bytes.Add(arrival.body.size());
  if (!accepting_) {
    return Refuse(entrance, ack, RefusalCause::kShutdown,
                  AnswerBusy("not serving; retry elsewhere", std::chrono::seconds(1)));
  }
  const size_t bytes = arrival.body.size() + kJobBytes;
  std::optional<Lease> lease = ledger_.TryCharge(bytes);
  if (!lease.has_value()) {
    return Refuse(entrance, ack, RefusalCause::kMemory,
                  bytes > ledger_.soft_limit()
                      ? AnswerTooLarge()
                      : AnswerBusy("out of memory budget; retry later", ledger_.RetryDelay(bytes)));
  }
  Shard& shard = *shards_[Mix(arrival.connection) % shards_.size()];
  Job job = {std::move(arrival), std::move(ack), &entrance, *std::move(lease)};
  if (shard.Post(job)) return;
  const bool stopping = !accepting_;
  Refuse(
      entrance, job.ack, stopping ? RefusalCause::kShutdown : RefusalCause::kInboxFull,
      AnswerBusy(stopping ? "not serving; retry elsewhere" : "too many requests wait; retry later",
                 ledger_.RetryDelay(bytes)));
}

}  // namespace flameway
