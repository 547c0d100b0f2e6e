// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bridge/export/exporter.h"
#include "bridge/flow/clock.h"
#include "bridge/observe/mutex.h"
#include "bridge/queue/frame.h"
#include "bridge/traffic/latency_histogram.h"
#include "bridge/traffic/pace.h"
#include "bridge/traffic/request_times.h"

namespace flameway {

// A request ready to be sent: encoded and compressed before the clock starts.
struct LoadRequest {
  Frame frame;
  uint64_t samples = 0;
  // For runs that move the times: the uncompressed bytes, and where the times stand.
  std::string plain;
  RequestTimes times;
};

struct LoadOptions {
  enum class Times : uint8_t { kAsTheyAre, kMovedToNow };
  // What ends the run before its time: nothing, that nobody listens, or any answer but success.
  enum class StopsOn : uint8_t { kNothing, kNoConnection, kAnyFailure };

  size_t connections = 8;  // each carries one request at a time and costs a thread
  uint64_t requests = 0;   // 0: no limit
  std::optional<std::chrono::milliseconds> duration;  // no request begins afterwards
  Pace pace = Pace::Unbounded();
  Times times = Times::kAsTheyAre;
  StopsOn stops_on = StopsOn::kNoConnection;
  uint64_t wall_start_unix_nano = 0;  // for kMovedToNow: what the clock's start is called
};

// What came of all requests that were answered with one code.
struct LoadAnswers {
  Delivery::Outcome outcome = Delivery::Outcome::kDelivered;
  uint64_t requests = 0;
  int64_t rejected_profiles = 0;
  std::string message;  // the first one
};

struct LoadReport {
  std::map<std::string, LoadAnswers> answers;  // by code; "OK" and "OK, partial" for success
  uint64_t requests = 0;
  uint64_t samples = 0;  // of delivered requests
  uint64_t bytes = 0;    // of delivered requests, uncompressed
  uint64_t wire_bytes = 0;
  std::chrono::nanoseconds elapsed{0};  // from the start to the last answer
  std::chrono::nanoseconds latest{0};   // the most that a request left after it was due
  LatencyHistogram latency;

  void Add(const LoadReport& other);
};

// "OK", "OK, partial", or the code of a failure.
[[nodiscard]] std::string AnswerCode(const Delivery& delivery);

// Sends requests over many connections at once, in order, round and round. Where there is a pace, a
// latency counts from when the request was due, so that a slow destination cannot hide by slowing
// down its sender. Owns its threads: Start, then Join; Stop and progress from any thread.
//
// Cost per request in clear text over gRPC: headers and one sendmsg per 32 pieces of 16 KB, which
// copies the payload once, into the kernel. Moving times costs a copy and a compression more, done
// by the connection's thread before the request is due.
class LoadRun {
 public:
  struct Progress {
    uint64_t requests = 0;
    uint64_t samples = 0;
    uint64_t bytes = 0;
    uint64_t failures = 0;
  };

  // All are borrowed; the exporter has been started.
  LoadRun(const std::vector<LoadRequest>& requests, Exporter& exporter, LoadOptions options,
          const Clock& clock);
  ~LoadRun();
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  void Start();
  // No further request begins; those under way are waited for.
  void Stop();
  [[nodiscard]] bool done() const { return running_.load(std::memory_order_acquire) == 0; }
  [[nodiscard]] LoadReport Join();
  [[nodiscard]] Progress progress() const;

 private:
  struct Connection;
  void Work(Connection& connection);
  [[nodiscard]] bool AwaitDue(TimePoint due);
  void Count(const LoadRequest& request, const Delivery& delivery, Connection& connection);

  const std::vector<LoadRequest>& requests_;
  Exporter& exporter_;
  const LoadOptions options_;
  const Clock& clock_;
  TimePoint start_;
  std::vector<std::unique_ptr<Connection>> connections_;

  std::atomic<uint64_t> next_{0};
  std::atomic<size_t> running_{0};
  std::atomic<uint64_t> done_requests_{0};
  std::atomic<uint64_t> done_samples_{0};
  std::atomic<uint64_t> done_bytes_{0};
  std::atomic<uint64_t> failures_{0};

  Mutex mutex_;
  CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace flameway
