// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/flow/clock.h"
#include "bridge/flow/drain.h"
#include "bridge/flow/gateway_options.h"
#include "bridge/flow/ledger.h"
#include "bridge/flow/pipeline.h"
#include "bridge/flow/shard.h"
#include "bridge/observe/log.h"
#include "bridge/observe/registry.h"
#include "bridge/receive/intake.h"

namespace flameway {

// The gateway without its listeners: everything from an arrived request to its delivery. Owns
// ledger, shards, pipelines and drains, and all their threads.
//
// Life: Create, Start, then intakes from any thread, then Stop once. An intake stays callable until
// destruction and refuses outside Start..Stop.
class Engine {
 public:
  // What the surroundings lend; all outlive the engine.
  struct Surroundings {
    const Clock& clock;
    Log& log;
    Registry& registry;
  };

  // Checks the specs against each other and creates the exporters.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Engine>> Create(const GatewayOptions& options,
                                                                      Surroundings surroundings);
  // Stops without a grace period, if still running.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Exporters, then shards.
  [[nodiscard]] absl::Status Start();
  // In the order of the data: refuses new requests, finishes admitted ones, seals, empties the
  // queues. What is not delivered at `deadline` is dropped and counted. Returns when all threads
  // are gone, soon after the deadline: attempts are cancelled.
  void Stop(TimePoint deadline);

  // Where the receiver at this position of GatewayOptions::receivers hands its requests.
  [[nodiscard]] Intake IntakeOf(size_t receiver, Transport transport);
  // Charges bodies of that receiver while they arrive. Usable as long as its intake.
  [[nodiscard]] BodyMeterMaker BodyMetersOf(size_t receiver, Transport transport);

  [[nodiscard]] const ReceiverCounters& receiver_counters(size_t receiver,
                                                          Transport transport) const;
  [[nodiscard]] const Drain& drain(size_t exporter) const { return *drains_[exporter]; }
  // In the order of the specs; a spec counts once more for each exporter with a batch policy of its
  // own.
  [[nodiscard]] const Pipeline& pipeline(size_t pipeline) const { return *pipelines_[pipeline]; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  Engine(const GatewayOptions& options, Surroundings surroundings);

  [[nodiscard]] absl::Status BuildPipelines(const GatewayOptions& options);
  // One for the exporters that follow the pipeline's batch policy, one for each that has its own.
  void AddPipelines(const GatewayOptions& options, const PipelineSpec& spec);
  void BuildEntrances(const GatewayOptions& options);
  void BuildShards(const GatewayOptions& options);
  void Register();
  void Admit(Entrance& entrance, Arrival arrival, Ack ack);

  const Surroundings surroundings_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Drain>> drains_;
  std::vector<std::unique_ptr<Pipeline>> pipelines_;
  std::vector<std::unique_ptr<Entrance>> entrances_;  // two per receiver: gRPC, HTTP
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<bool> accepting_{false};
};

}  // namespace flameway
