// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/load_run.h"

#include <algorithm>
#include <utility>

#include "bridge/compress/compressor.h"

namespace flameway {
namespace {

using std::chrono::nanoseconds;
using Outcome = Delivery::Outcome;

// Between attempts while nobody listens; a refused connection takes no time.
constexpr std::chrono::milliseconds kReconnectDelay{100};

}  // namespace

std::string AnswerCode(const Delivery& delivery) {
  if (delivery.outcome != Outcome::kDelivered) return delivery.code;
  return delivery.rejected_profiles > 0 ? "OK, partial" : "OK";
}

void LoadReport::Add(const LoadReport& other) {
  for (const auto& [code, from] : other.answers) {
    LoadAnswers& to = answers[code];
    to.outcome = from.outcome;
    to.requests += from.requests;
    to.rejected_profiles += from.rejected_profiles;
    if (to.message.empty()) to.message = from.message;
  }
  requests += other.requests;
  samples += other.samples;
  bytes += other.bytes;
  wire_bytes += other.wire_bytes;
  elapsed = std::max(elapsed, other.elapsed);
  latest = std::max(latest, other.latest);
  latency.Add(other.latency);
}

// One lane and what its thread has counted.
struct LoadRun::Connection {
  std::unique_ptr<ExportLane> lane;
  LoadReport report;
  Compressor compressor;
  Frame moved;  // the request under way with its times moved
  std::string plain;
  std::thread thread;
};

LoadRun::LoadRun(const std::vector<LoadRequest>& requests, Exporter& exporter, LoadOptions options,
                 const Clock& clock)
    : requests_(requests), exporter_(exporter), options_(std::move(options)), clock_(clock) {}

LoadRun::~LoadRun() {
  Stop();
  for (const auto& connection : connections_) {
    if (connection->thread.joinable()) connection->thread.join();
  }
}

void LoadRun::Start() {
  for (size_t i = 0; i < options_.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>());
    connections_.back()->lane = exporter_.OpenLane();
  }
  running_ = connections_.size();
  start_ = clock_.Now();
  for (const auto& connection : connections_) {
    connection->thread = std::thread([this, &worker = *connection] {
      Work(worker);
      running_.fetch_sub(1, std::memory_order_release);
    });
  }
}

void LoadRun::Stop() {
  const MutexLock lock(mutex_);
  stopping_ = true;
  stopped_.NotifyAll();
}

LoadReport LoadRun::Join() {
  LoadReport report;
  for (const auto& connection : connections_) {
    connection->thread.join();
    connection->lane.reset();
    report.Add(connection->report);
  }
  return report;
}

LoadRun::Progress LoadRun::progress() const {
  return {.requests = done_requests_.load(std::memory_order_relaxed),
          .samples = done_samples_.load(std::memory_order_relaxed),
          .bytes = done_bytes_.load(std::memory_order_relaxed),
          .failures = failures_.load(std::memory_order_relaxed)};
}

// False when the run ends before.
bool LoadRun::AwaitDue(TimePoint due) {
  const MutexLock lock(mutex_);
  while (!stopping_ && clock_.Now() < due) clock_.WaitUntil(stopped_, mutex_, due);
  return !stopping_;
}

void LoadRun::Work(Connection& connection) {
  const bool moves = options_.times == LoadOptions::Times::kMovedToNow;
  const TimePoint stop_at =
      options_.duration.has_value() ? start_ + *options_.duration : TimePoint::max();
  for (;;) {
    const uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
    if (options_.requests != 0 && number >= options_.requests) return;
    const std::optional<nanoseconds> offset = options_.pace.DueOf(number);
    TimePoint due = offset.has_value() ? start_ + *offset : clock_.Now();
    if (due >= stop_at) return;
    const LoadRequest& request = requests_[number % requests_.size()];
    const Frame* frame = &request.frame;
    if (moves) {
      connection.plain = request.plain;
      const uint64_t sent_at =
          options_.wall_start_unix_nano + static_cast<uint64_t>((due - start_).count());
      request.times.Shift(static_cast<int64_t>(sent_at - request.times.end_unix_nano()),
                          &connection.plain);
      connection.moved.codec = request.frame.codec;
      connection.moved.uncompressed_bytes = connection.plain.size();
      // Fails only without memory; the old bytes are then sent again.
      static_cast<void>(connection.compressor.Compress(request.frame.codec, 0, connection.plain,
                                                       &connection.moved.payload));
      frame = &connection.moved;
    }
    if (!AwaitDue(offset.has_value() ? due : start_)) return;
    const TimePoint begin = clock_.Now();
    if (!offset.has_value()) due = begin;
    const Delivery delivery = connection.lane->Deliver(*frame);
    const TimePoint end = clock_.Now();
    LoadReport& report = connection.report;
    report.latest = std::max(report.latest, nanoseconds(begin - due));
    report.elapsed = end - start_;
    report.latency.Count(end - due);
    report.wire_bytes += frame->payload.size();
    Count(request, delivery, connection);
    const bool no_connection = delivery.code == "connect";
    const bool failed = delivery.outcome != Outcome::kDelivered;
    if ((no_connection && options_.stops_on != LoadOptions::StopsOn::kNothing) ||
        (failed && options_.stops_on == LoadOptions::StopsOn::kAnyFailure)) {
      Stop();
    } else if (no_connection && !AwaitDue(end + kReconnectDelay)) {
      return;
    }
  }
}

void LoadRun::Count(const LoadRequest& request, const Delivery& delivery, Connection& connection) {
  LoadReport& report = connection.report;
  ++report.requests;
  LoadAnswers& answers = report.answers[AnswerCode(delivery)];
  answers.outcome = delivery.outcome;
  ++answers.requests;
  answers.rejected_profiles += delivery.rejected_profiles;
  if (answers.message.empty()) answers.message = delivery.message;
  done_requests_.fetch_add(1, std::memory_order_relaxed);
  if (delivery.outcome != Outcome::kDelivered) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  report.samples += request.samples;
  report.bytes += request.frame.uncompressed_bytes;
  done_samples_.fetch_add(request.samples, std::memory_order_relaxed);
  done_bytes_.fetch_add(request.frame.uncompressed_bytes, std::memory_order_relaxed);
}

}  // namespace flameway
