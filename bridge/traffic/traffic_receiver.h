// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"
#include "bridge/compress/decompressor.h"
#include "bridge/flow/clock.h"
#include "bridge/observe/mutex.h"
#include "bridge/receive/intake.h"
#include "bridge/receive/otlp_grpc.h"
#include "bridge/receive/otlp_http.h"

namespace flameway {

struct TrafficReceiverOptions {
  enum class Bodies : uint8_t { kDecompressed, kAsTheyCame };

  std::optional<OtlpGrpcReceiverOptions> grpc;
  std::optional<OtlpHttpReceiverOptions> http;
  DecompressLimits limits;
  Bodies bodies = Bodies::kDecompressed;
  std::chrono::milliseconds latency{0};          // from arrival to answer, at least
  size_t max_waiting_bytes = size_t{256} << 20;  // above it: UNAVAILABLE, which is retryable
};

// One request as the consumer sees it.
struct TrafficArrival {
  std::string_view body;  // decompressed, or as it came
  size_t wire_bytes = 0;
  Codec codec = Codec::kNone;
  Transport transport = Transport::kGrpc;
  DecompressError error = DecompressError::kNone;  // else `body` is empty
};

// OTLP listeners whose requests are taken one after another by one thread, which decompresses each
// and has the consumer say the answer. Create, Start, Stop by one owner; `waiting` from any thread.
class TrafficReceiver {
 public:
  // Called from the receiver's thread.
  using Consumer = std::function<Answer(const TrafficArrival&)>;

  // Listens from here on; requests wait until Start. `clock` is borrowed.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<TrafficReceiver>> Create(
      const TrafficReceiverOptions& options, Consumer consumer, const Clock& clock);
  ~TrafficReceiver();
  TrafficReceiver(const TrafficReceiver&) = delete;
  TrafficReceiver& operator=(const TrafficReceiver&) = delete;

  // 0 for what is not served.
  [[nodiscard]] uint16_t grpc_port() const { return grpc_ ? grpc_->bound_port() : uint16_t{0}; }
  [[nodiscard]] uint16_t http_port() const { return http_ ? http_->bound_port() : uint16_t{0}; }

  // New requests are refused; those that came are consumed and answered, if there is time.
  void Stop(std::chrono::steady_clock::time_point deadline);

 private:
  struct Delayed {
    TimePoint due;
    Answer answer;
    Ack ack;
  };
  struct Waiting {
    Arrival arrival;
    Ack ack;
    TimePoint came;
  };

  TrafficReceiver(const TrafficReceiverOptions& options, Consumer consumer, const Clock& clock);
  void Take(Arrival arrival, Ack ack);
  void Work();
  [[nodiscard]] Answer Consume(const Arrival& arrival);

  const TrafficReceiverOptions options_;
  const Consumer consumer_;
  const Clock& clock_;
  Decompressor decompressor_;  // of the thread
  std::string body_;

  Mutex mutex_;
  CondVar changed_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Delayed> delayed_;  // of the thread; in the order in which they are due

  std::thread thread_;
  std::unique_ptr<OtlpGrpcReceiver> grpc_;
  std::unique_ptr<OtlpHttpReceiver> http_;
};

}  // namespace flameway
