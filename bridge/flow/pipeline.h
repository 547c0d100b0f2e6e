// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/export/exporter.h"
#include "bridge/flow/batch_policy.h"
#include "bridge/flow/drain.h"
#include "bridge/observe/counter.h"
#include "bridge/observe/log.h"
#include "bridge/observe/registry.h"
#include "processor/batch/batch.h"
#include "processor/transform/chain.h"
#include "processor/transform/plan.h"

namespace flameway {

// What ended a batch. The words are metric labels.
enum class SealTrigger : uint8_t {
  kRequest,   // no batching asked for
  kSamples,   // send_batch_samples reached
  kBytes,     // max_bytes reached
  kAge,       // timeout
  kNoRoom,    // the next request could have pushed it past a bound
  kMemory,    // the memory budget is above its soft limit
  kShutdown,  // the gateway stops
};
inline constexpr size_t kSealTriggerCount = 7;

[[nodiscard]] std::string_view SealTriggerWord(SealTrigger trigger);

struct PipelineOptions {
  std::string name;     // component id
  std::string batcher;  // "pipeline", or the exporter whose own policy this is
  std::optional<BatchPolicy> policy;
  BatchOptions batch;  // for what the policy leaves open
  TransformPlan transforms;
  Log* log = nullptr;  // for failures of transforms; outlives the pipeline. Null: they are counted
};

// One pipeline as all shards see it: policy, destinations, counters. Fixed before the shards start,
// then read by all of them; the counters are atomics.
class Pipeline {
 public:
  struct Outlet {
    Drain* drain = nullptr;  // outlives the pipeline
    size_t route = 0;
  };
  // Destinations that take the very same bytes.
  struct FormGroup {
    WireForm form;
    std::vector<Outlet> outlets;
  };

  explicit Pipeline(PipelineOptions options);

  // Adds a route to `drain`.
  void AddExporter(Drain& drain);
  void Register(Registry& registry) const;

  // Every destination owes these profiles from here on.
  void Owe(uint64_t profiles) const;
  // Of these, what transforms removed: no destination will get them.
  void Filter(const FrameCounts& removed);

  // The transforms for one batch; null for none. The pipeline outlives it.
  [[nodiscard]] std::unique_ptr<TransformChain> NewChain();

  // nullopt: each request is a batch of its own.
  [[nodiscard]] const std::optional<BatchPolicy>& policy() const { return options_.policy; }
  [[nodiscard]] const BatchOptions& batch_options() const { return options_.batch; }
  [[nodiscard]] const std::vector<FormGroup>& groups() const { return groups_; }

  // Nothing is asked for that a request which stays as it came would miss.
  [[nodiscard]] bool forwards() const {
    return !options_.policy.has_value() && options_.transforms.empty() &&
           options_.batch.coalesce != Coalesce::kAll;
  }
  // Whether a flawless message of `bytes` may go to the form's destinations as it is.
  [[nodiscard]] bool Forwards(const WireForm& form, size_t bytes) const;

  std::array<Counter, kSealTriggerCount> sealed;
  Counter forwarded_bodies;
  Counter forwarded_messages;  // compressed anew
  Gauge open_batch_bytes;
  Counter filtered_samples;
  Counter transform_failures;

 private:
  PipelineOptions options_;  // fixed by the constructor
  std::vector<FormGroup> groups_;
};

}  // namespace flameway
