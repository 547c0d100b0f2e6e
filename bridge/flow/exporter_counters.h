// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "bridge/flow/drop_reason.h"
#include "bridge/observe/counter.h"
#include "bridge/observe/registry.h"
#include "bridge/queue/frame.h"

namespace flameway {

// What one exporter owes for one pipeline, in profiles. accepted = delivered + dropped + queued,
// exactly, whenever no thread is between two of the additions.
class RouteCounters {
 public:
  void Accept(uint64_t profiles) {
    accepted.Add(profiles);
    queued.Add(profiles);
  }
  void Deliver(uint64_t profiles) {
    delivered.Add(profiles);
    queued.Subtract(profiles);
  }
  void Drop(uint64_t profiles, DropReason reason) {
    dropped[static_cast<size_t>(reason)].Add(profiles);
    queued.Subtract(profiles);
  }
  [[nodiscard]] uint64_t dropped_total() const;

  void Register(Registry& registry, const std::string& exporter, const std::string& pipeline) const;

  Counter accepted;
  Counter delivered;
  Gauge queued;
  std::array<Counter, kDropReasonCount> dropped;
};

// What one exporter did.
struct ExporterCounters {
  Counter sent_samples;
  Counter send_failed_samples;
  Counter enqueue_failed_samples;
  Counter attempts_delivered;
  Counter attempts_retry;
  Counter attempts_permanent;
  Counter peer_rejected_profiles;
  Counter samples_out;
  Counter raw_bytes;
  Counter wire_bytes;
  Gauge in_flight;

  void Register(Registry& registry, const std::string& exporter) const;
};

}  // namespace flameway
