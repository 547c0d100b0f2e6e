// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/drain.h"

#include "bridge/export/backoff.h"
#include "bridge/flow/random_bytes.h"

namespace flameway {

Drain::Drain(DrainOptions options, std::unique_ptr<Exporter> exporter, const Clock& clock, Log& log)
    : options_(std::move(options)),
      exporter_(std::move(exporter)),
      clock_(clock),
      log_(log),
      queue_(options_.queue) {
  uint32_t seed = 0;
  FillRandom(&seed, sizeof seed);
  const MutexLock lock(mutex_);
  random_.seed(seed);
}

Drain::~Drain() {
  Cut();
  Join();
}

size_t Drain::AddRoute(std::string pipeline) {
  routes_.push_back(std::make_unique<Route>());
  routes_.back()->pipeline = std::move(pipeline);
  return routes_.size() - 1;
}

void Drain::Register(Registry& registry) const {
  counters_.Register(registry, options_.name);
  for (const auto& route : routes_)
    route->counters.Register(registry, options_.name, route->pipeline);
  if (!options_.queue.enabled) return;
  const Labels labels = {{"exporter", options_.name}, {"data_type", "profiles"}};
  registry.Add(Metric::kQueueSize, labels, [this] { return static_cast<double>(queue_.size()); });
  registry.Add(Metric::kQueueCapacity, labels,
               [this] { return static_cast<double>(queue_.capacity()); });
}

absl::Status Drain::Start() {
  if (absl::Status status = exporter_->Start(); !status.ok()) return status;
  started_ = true;
  if (!options_.queue.enabled) return absl::OkStatus();
  const int count = options_.queue.num_consumers;
  {
    const MutexLock lock(mutex_);
    working_ = count;
  }
  for (int i = 0; i < count; ++i) consumers_.emplace_back([this] { Consume(); });
  return absl::OkStatus();
}

void Drain::Drop(size_t route, const FrameCounts& counts, DropReason reason) {
  routes_[route]->counters.Drop(counts.profiles, reason);
  if (reason == DropReason::kQueueFull) {
    counters_.enqueue_failed_samples.Add(counts.samples);
  } else {
    counters_.send_failed_samples.Add(counts.samples);
  }
  log_.WriteLimited(LogLevel::kWarn, "profiles dropped", options_.name,
                    {{"exporter", options_.name},
                     {"reason", DropReasonWord(reason)},
                     {"profiles", counts.profiles},
                     {"samples", counts.samples}});
}

void Drain::Push(QueuedFrame queued) {
  if (!options_.queue.enabled) {
    DeliverNow(queued);
    return;
  }
  const size_t route = queued.route;
  const FrameCounts counts = queued.frame->counts;
  switch (queue_.Push(std::move(queued))) {
    case MemoryQueue::PushResult::kAccepted:
      return;
    case MemoryQueue::PushResult::kFull:
      Drop(route, counts, DropReason::kQueueFull);
      return;
    case MemoryQueue::PushResult::kClosed:
      Drop(route, counts, DropReason::kShutdown);
      return;
  }
}

void Drain::Close() {
  queue_.Close();
  const MutexLock lock(mutex_);
  closed_ = true;
}

bool Drain::AwaitIdle(TimePoint deadline) {
  const MutexLock lock(mutex_);
  while (working_ > 0) {
    if (clock_.Now() >= deadline) return false;
    clock_.WaitUntil(changed_, mutex_, deadline);
  }
  return true;
}

void Drain::Cut() {
  Close();
  {
    const MutexLock lock(mutex_);
    cut_ = true;
    changed_.NotifyAll();
  }
  exporter_->Cancel();
  for (const QueuedFrame& queued : queue_.TakeAll()) {
    Drop(queued.route, queued.frame->counts, DropReason::kShutdown);
  }
}

void Drain::Join() {
  for (std::thread& consumer : consumers_) consumer.join();
  consumers_.clear();
  std::vector<std::unique_ptr<ExportLane>> lanes;
  {
    const MutexLock lock(mutex_);
    while (working_ > 0) changed_.Wait(mutex_);
    lanes = std::move(idle_lanes_);
    idle_lanes_.clear();
  }
  lanes.clear();
  if (std::exchange(started_, false)) exporter_->Stop();
}

void Drain::Consume() {
  {
    const std::unique_ptr<ExportLane> lane = exporter_->OpenLane();
    while (const std::optional<QueuedFrame> queued = queue_.Pop()) {
      DeliverWithRetries(*lane, *queued);
      queue_.Done(*queued);
    }
  }
  const MutexLock lock(mutex_);
  --working_;
  changed_.NotifyAll();
}

void Drain::DeliverNow(const QueuedFrame& queued) {
  std::unique_ptr<ExportLane> lane;
  bool closed = false;
  {
    const MutexLock lock(mutex_);
    closed = closed_;
    if (!closed) {
      ++working_;
      if (!idle_lanes_.empty()) {
        lane = std::move(idle_lanes_.back());
        idle_lanes_.pop_back();
      }
    }
  }
  if (closed) return Drop(queued.route, queued.frame->counts, DropReason::kShutdown);
  if (lane == nullptr) lane = exporter_->OpenLane();
  DeliverWithRetries(*lane, queued);
  const MutexLock lock(mutex_);
  idle_lanes_.push_back(std::move(lane));
  --working_;
  changed_.NotifyAll();
}

void Drain::DeliverWithRetries(ExportLane& lane, const QueuedFrame& queued) {
  Backoff backoff(options_.retry, [this] { return Uniform(); });
  const TimePoint first = clock_.Now();
  Delivery last;
  while (!WasCut()) {
    last = Attempt(lane, *queued.frame);
    if (last.outcome == Delivery::Outcome::kDelivered) return CountDelivered(queued, last);
    if (last.outcome == Delivery::Outcome::kPermanent) {
      return GiveUp(queued, last, DropReason::kRefused);
    }
    if (WasCut()) break;  // perhaps cancelled: no failure of the destination
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now() - first);
    const auto delay = backoff.NextDelay(elapsed, last.retry_after);
    if (!delay.has_value()) {
      return GiveUp(
          queued, last,
          options_.retry.enabled ? DropReason::kRetryExpired : DropReason::kRetryDisabled);
    }
    log_.WriteLimited(LogLevel::kInfo, "delivery failed, will retry", options_.name,
                      {{"exporter", options_.name},
                       {"code", last.code},
                       {"message", last.message},
                       {"delay_ms", delay->count()}});
    if (!WaitForRetry(*delay)) break;
  }
  GiveUp(queued, last, DropReason::kShutdown);
}

Delivery Drain::Attempt(ExportLane& lane, const Frame& frame) {
  counters_.in_flight.Add(1);
  Delivery delivery = lane.Deliver(frame);
  counters_.in_flight.Subtract(1);
  switch (delivery.outcome) {
    case Delivery::Outcome::kDelivered:
      counters_.attempts_delivered.Add();
      break;
    case Delivery::Outcome::kRetry:
      counters_.attempts_retry.Add();
      break;
    case Delivery::Outcome::kPermanent:
      counters_.attempts_permanent.Add();
      break;
  }
  return delivery;
}

void Drain::CountDelivered(const QueuedFrame& queued, const Delivery& delivery) {
  const Frame& frame = *queued.frame;
  counters_.sent_samples.Add(frame.counts.samples);
  counters_.samples_out.Add(frame.samples_out);
  counters_.raw_bytes.Add(frame.uncompressed_bytes);
  counters_.wire_bytes.Add(frame.payload.size());
  routes_[queued.route]->counters.Deliver(frame.counts.profiles);
  if (delivery.rejected_profiles <= 0) return;
  // In units of what went out, which merging made fewer than what came in: reported beside the
  // conservation identity, not inside it.
  counters_.peer_rejected_profiles.Add(static_cast<uint64_t>(delivery.rejected_profiles));
  log_.WriteLimited(LogLevel::kWarn, "destination refused profiles", options_.name,
                    {{"exporter", options_.name},
                     {"rejected_profiles", delivery.rejected_profiles},
                     {"message", delivery.message}});
}

void Drain::GiveUp(const QueuedFrame& queued, const Delivery& delivery, DropReason reason) {
  if (!delivery.code.empty()) {
    log_.WriteLimited(
        LogLevel::kWarn, "delivery given up", options_.name,
        {{"exporter", options_.name}, {"code", delivery.code}, {"message", delivery.message}});
  }
  Drop(queued.route, queued.frame->counts, reason);
}

bool Drain::WaitForRetry(std::chrono::milliseconds delay) {
  const TimePoint until = clock_.Now() + delay;
  const MutexLock lock(mutex_);
  while (!cut_ && clock_.Now() < until) clock_.WaitUntil(changed_, mutex_, until);
  return !cut_;
}

bool Drain::WasCut() {
  const MutexLock lock(mutex_);
  return cut_;
}

double Drain::Uniform() {
  const MutexLock lock(mutex_);
  return std::uniform_real_distribution<double>(0.0, 1.0)(random_);
}

}  // namespace flameway
