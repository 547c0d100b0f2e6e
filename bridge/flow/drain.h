// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "bridge/export/exporter.h"
#include "bridge/export/retry_options.h"
#include "bridge/flow/clock.h"
#include "bridge/flow/exporter_counters.h"
#include "bridge/observe/log.h"
#include "bridge/observe/mutex.h"
#include "bridge/observe/registry.h"
#include "bridge/queue/memory_queue.h"
#include "bridge/queue/queue_options.h"

namespace flameway {

struct DrainOptions {
  std::string name;  // the exporter's, for metrics and logs
  QueueOptions queue;
  RetryOptions retry;
};

// The way out to one destination: owns the exporter, its queue and num_consumers threads, each with
// a lane. Every frame pushed ends as delivered or dropped, and is counted once. A slow destination
// fills its own queue and nothing else.
//
// Life: AddRoute and Register, then Start, then Push from any thread, then Close, AwaitIdle, Cut,
// Join. Stopping goes on retrying until Cut, which cancels attempts too.
class Drain {
 public:
  // `clock` and `log` are borrowed.
  Drain(DrainOptions options, std::unique_ptr<Exporter> exporter, const Clock& clock, Log& log);
  // Cuts and joins.
  ~Drain();
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  // A pipeline that will push here. The result goes into QueuedFrame::route.
  size_t AddRoute(std::string pipeline);
  void Register(Registry& registry) const;
  [[nodiscard]] absl::Status Start();

  // Accepted profiles of a route are owed from here on.
  void Owe(size_t route, uint64_t profiles) { routes_[route]->counters.Accept(profiles); }
  void Drop(size_t route, const FrameCounts& counts, DropReason reason);
  // Of the owed profiles, those a transform removed: asked for, so no loss and no line in the log.
  void Filter(size_t route, uint64_t profiles) {
    routes_[route]->counters.Drop(profiles, DropReason::kFilter);
  }
  // Takes the frame over. Full queue: drops it, or waits with block_on_overflow. No queue: returns
  // when the frame was delivered or dropped.
  void Push(QueuedFrame queued);
  // Whether Push may take long, so that callers serve others first.
  [[nodiscard]] bool may_block() const {
    return !options_.queue.enabled || options_.queue.block_on_overflow;
  }

  // No more pushes (one that comes is dropped); consumers go on until the queue is empty.
  void Close();
  // Waits for the consumers to finish after Close. False: `deadline` came first.
  [[nodiscard]] bool AwaitIdle(TimePoint deadline);
  // Gives up: what is queued, waits for a retry or for the destination's answer is dropped for
  // kShutdown.
  void Cut();
  // After Close or Cut. Stops the exporter.
  void Join();

  [[nodiscard]] const std::string& name() const { return options_.name; }
  [[nodiscard]] WireForm wire_form() const { return exporter_->wire_form(); }
  [[nodiscard]] const ExporterCounters& counters() const { return counters_; }
  [[nodiscard]] const RouteCounters& route_counters(size_t route) const {
    return routes_[route]->counters;
  }

 private:
  struct Route {
    std::string pipeline;
    RouteCounters counters;
  };

  void Consume();
  void DeliverNow(const QueuedFrame& queued);
  void DeliverWithRetries(ExportLane& lane, const QueuedFrame& queued);
  [[nodiscard]] Delivery Attempt(ExportLane& lane, const Frame& frame);
  void CountDelivered(const QueuedFrame& queued, const Delivery& delivery);
  void GiveUp(const QueuedFrame& queued, const Delivery& delivery, DropReason reason);
  // False: cut while waiting.
  [[nodiscard]] bool WaitForRetry(std::chrono::milliseconds delay);
  [[nodiscard]] bool WasCut();
  [[nodiscard]] double Uniform();

  const DrainOptions options_;
  const std::unique_ptr<Exporter> exporter_;
  const Clock& clock_;
  Log& log_;
  MemoryQueue queue_;  // unused without a sending queue
  ExporterCounters counters_;
  std::vector<std::unique_ptr<Route>> routes_;  // fixed from Start on
  std::vector<std::thread> consumers_;
  bool started_ = false;

  Mutex mutex_;
  CondVar changed_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool cut_ ABSL_GUARDED_BY(mutex_) = false;
  int working_ ABSL_GUARDED_BY(mutex_) = 0;  // consumer threads, or direct deliveries
  // Without a queue: lanes between two direct deliveries.
  std::vector<std::unique_ptr<ExportLane>> idle_lanes_ ABSL_GUARDED_BY(mutex_);
  std::minstd_rand random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace flameway
