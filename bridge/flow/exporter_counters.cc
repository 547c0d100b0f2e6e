// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/exporter_counters.h"

namespace flameway {

uint64_t RouteCounters::dropped_total() const {
  uint64_t total = 0;
  for (const Counter& counter : dropped) total += counter.value();
  return total;
}

void RouteCounters::Register(Registry& registry, const std::string& exporter,
                             const std::string& pipeline) const {
  const Labels labels = {{"exporter", exporter}, {"pipeline", pipeline}};
  registry.Add(Metric::kExporterAccepted, labels, accepted);
  registry.Add(Metric::kExporterDelivered, labels, delivered);
  registry.Add(Metric::kExporterQueued, labels, queued);
  for (size_t i = 0; i < kDropReasonCount; ++i) {
    const std::string word(DropReasonWord(static_cast<DropReason>(i)));
    registry.Add(Metric::kExporterDropped,
                 {{"exporter", exporter}, {"pipeline", pipeline}, {"reason", word}}, dropped[i]);
  }
}

void ExporterCounters::Register(Registry& registry, const std::string& exporter) const {
  const Labels labels = {{"exporter", exporter}};
  registry.Add(Metric::kSentSamples, labels, sent_samples);
  registry.Add(Metric::kSendFailedSamples, labels, send_failed_samples);
  registry.Add(Metric::kEnqueueFailedSamples, labels, enqueue_failed_samples);
  registry.Add(Metric::kPeerRejected, labels, peer_rejected_profiles);
  registry.Add(Metric::kSamplesOut, labels, samples_out);
  registry.Add(Metric::kSentRawBytes, labels, raw_bytes);
  registry.Add(Metric::kSentWireBytes, labels, wire_bytes);
  registry.Add(Metric::kExporterInFlight, {{"exporter", exporter}, {"data_type", "profiles"}},
               in_flight);
  const auto add_attempts = [&](const char* outcome, const Counter& counter) {
    registry.Add(Metric::kExporterAttempts, {{"exporter", exporter}, {"outcome", outcome}},
                 counter);
  };
  add_attempts("delivered", attempts_delivered);
  add_attempts("retry", attempts_retry);
  add_attempts("permanent", attempts_permanent);
}

}  // namespace flameway
