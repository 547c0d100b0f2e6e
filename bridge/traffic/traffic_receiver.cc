// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/traffic_receiver.h"

#include <utility>

namespace flameway {

TrafficReceiver::TrafficReceiver(const TrafficReceiverOptions& options, Consumer consumer,
                                 const Clock& clock)
    : options_(options),
      consumer_(std::move(consumer)),
      clock_(clock),
      decompressor_(options.limits),
      thread_([this] { Work(); }) {}

absl::StatusOr<std::unique_ptr<TrafficReceiver>> TrafficReceiver::Create(
    const TrafficReceiverOptions& options, Consumer consumer, const Clock& clock) {
  std::unique_ptr<TrafficReceiver> receiver(
      new TrafficReceiver(options, std::move(consumer), clock));
  const Intake intake = [self = receiver.get()](Arrival arrival, Ack ack) {
    self->Take(std::move(arrival), std::move(ack));
  };
  if (options.grpc.has_value()) {
    auto grpc = OtlpGrpcReceiver::Create(*options.grpc, intake);
    if (!grpc.ok()) return grpc.status();
    receiver->grpc_ = *std::move(grpc);
  }
  if (options.http.has_value()) {
    auto http = OtlpHttpReceiver::Create(*options.http, intake);
    if (!http.ok()) return http.status();
    receiver->http_ = *std::move(http);
  }
  return receiver;
}

TrafficReceiver::~TrafficReceiver() { Stop(std::chrono::steady_clock::now()); }

void TrafficReceiver::Stop(std::chrono::steady_clock::time_point deadline) {
  if (grpc_ != nullptr) grpc_->Stop(deadline);
  if (http_ != nullptr) http_->Stop(deadline);
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  grpc_.reset();
  http_.reset();
}

void TrafficReceiver::Take(Arrival arrival, Ack ack) {
  {
    const MutexLock lock(mutex_);
    if (!ending_ && waiting_bytes_ + arrival.body.size() <= options_.max_waiting_bytes) {
      waiting_bytes_ += arrival.body.size();
      waiting_.push_back(
          {.arrival = std::move(arrival), .ack = std::move(ack), .came = clock_.Now()});
      changed_.NotifyOne();
      return;
    }
  }
  ack.Complete({.kind = Answer::Kind::kUnavailable, .message = "too much is waiting; retry"});
}

void TrafficReceiver::Work() {
  for (;;) {
    Waiting next;
    {
      const MutexLock lock(mutex_);
      while (waiting_.empty() && !ending_ &&
             (delayed_.empty() || clock_.Now() < delayed_.front().due)) {
        if (delayed_.empty()) {
          changed_.Wait(mutex_);
        } else {
          clock_.WaitUntil(changed_, mutex_, delayed_.front().due);
        }
      }
      // At the end nobody waits for a latency any more.
      if (waiting_.empty() && ending_) break;
      if (!waiting_.empty()) {
        next = std::move(waiting_.front());
        waiting_.pop_front();
        waiting_bytes_ -= next.arrival.body.size();
      }
    }
    if (next.came != TimePoint{}) {
      Answer answer = Consume(next.arrival);
      if (options_.latency.count() == 0) {
        next.ack.Complete(answer);
      } else {
        delayed_.push_back({.due = next.came + options_.latency,
                            .answer = std::move(answer),
                            .ack = std::move(next.ack)});
      }
    }
    while (!delayed_.empty() && delayed_.front().due <= clock_.Now()) {
      delayed_.front().ack.Complete(delayed_.front().answer);
      delayed_.pop_front();
    }
  }
  for (Delayed& delayed : delayed_) delayed.ack.Complete(delayed.answer);
  delayed_.clear();
}

Answer TrafficReceiver::Consume(const Arrival& arrival) {
  TrafficArrival seen{.body = arrival.body,
                      .wire_bytes = arrival.body.size(),
                      .codec = arrival.codec,
                      .transport = arrival.transport};
  if (options_.bodies == TrafficReceiverOptions::Bodies::kDecompressed &&
      arrival.codec != Codec::kNone) {
    seen.error = decompressor_.Decompress(arrival.codec, arrival.body, &body_);
    seen.body = body_;
  }
  return consumer_(seen);
}

}  // namespace flameway
