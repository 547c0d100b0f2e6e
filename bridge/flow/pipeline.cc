// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/pipeline.h"

#include <algorithm>
#include <utility>

namespace flameway {

std::string_view SealTriggerWord(SealTrigger trigger) {
  constexpr std::string_view kWords[kSealTriggerCount] = {"request", "samples", "bytes",   "age",
                                                          "no_room", "memory",  "shutdown"};
  return kWords[static_cast<size_t>(trigger)];
}

Pipeline::Pipeline(PipelineOptions options) : options_(std::move(options)) {
  const auto& policy = options_.policy;
  if (!policy.has_value()) return;
  options_.batch.coalesce = policy->coalesce;
  size_t& max_bytes = options_.batch.limits.max_encoded_bytes;
  if (policy->max_bytes > 0) max_bytes = std::min(max_bytes, policy->max_bytes);
}

void Pipeline::AddExporter(Drain& drain) {
  const Outlet outlet = {.drain = &drain, .route = drain.AddRoute(options_.name)};
  const WireForm form = drain.wire_form();
  for (FormGroup& group : groups_) {
    if (group.form == form) {
      group.outlets.push_back(outlet);
      return;
    }
  }
  groups_.push_back({.form = form, .outlets = {outlet}});
}

void Pipeline::Register(Registry& registry) const {
  for (size_t i = 0; i < kSealTriggerCount; ++i) {
    const std::string word(SealTriggerWord(static_cast<SealTrigger>(i)));
    registry.Add(Metric::kBatchesSealed,
                 {{"pipeline", options_.name}, {"batcher", options_.batcher}, {"trigger", word}},
                 sealed[i]);
  }
  if (forwards()) {
    const auto add = [&](const char* kept, const Counter& counter) {
      registry.Add(Metric::kForwarded,
                   {{"pipeline", options_.name}, {"batcher", options_.batcher}, {"kept", kept}},
                   counter);
    };
    add("body", forwarded_bodies);
    add("message", forwarded_messages);
  }
  registry.Add(Metric::kOpenBatchBytes,
               {{"pipeline", options_.name}, {"batcher", options_.batcher}}, open_batch_bytes);
  if (options_.transforms.empty()) return;
  const Labels labels = {{"pipeline", options_.name}, {"batcher", options_.batcher}};
  registry.Add(Metric::kFilteredSamples, labels, filtered_samples);
  registry.Add(Metric::kTransformFailures, labels, transform_failures);
}

bool Pipeline::Forwards(const WireForm& form, size_t bytes) const {
  return forwards() && form.row_order == WireForm::RowOrder::kAuto && !form.attribute_references &&
         (form.max_request_bytes == 0 || bytes <= form.max_request_bytes);
}

void Pipeline::Filter(const FrameCounts& removed) {
  filtered_samples.Add(removed.samples);
  if (removed.profiles == 0) return;
  for (const FormGroup& group : groups_) {
    for (const Outlet& outlet : group.outlets) outlet.drain->Filter(outlet.route, removed.profiles);
  }
}

std::unique_ptr<TransformChain> Pipeline::NewChain() {
  return options_.transforms.NewChain([this](std::string_view what) {
    transform_failures.Add();
    if (options_.log == nullptr) return;
    options_.log->WriteLimited(LogLevel::kWarn, "a transform failed on a row", options_.name,
                               {{"pipeline", options_.name}, {"error", what}});
  });
}

void Pipeline::Owe(uint64_t profiles) const {
  for (const FormGroup& group : groups_) {
    for (const Outlet& outlet : group.outlets) outlet.drain->Owe(outlet.route, profiles);
  }
}

}  // namespace flameway
