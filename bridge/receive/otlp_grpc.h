// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "bridge/observe/counter.h"
#include "bridge/receive/intake.h"
#include "bridge/receive/otlp_grpc_options.h"

namespace flameway {

// OTLP/gRPC for profiles, with grpc.health.v1 and reflection on the same port. The library neither
// parses nor decompresses: the intake gets the bytes of the message, their codec told by its magic.
// A message above max_request_bytes is refused by the library, but only after it has buffered it.
// The intake is called from the library's threads.
class OtlpGrpcReceiver {
 public:
  enum class Health : uint8_t { kServing, kNotServing };

  // Listens and serves, healthy, from here on.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<OtlpGrpcReceiver>> Create(
      OtlpGrpcReceiverOptions options, Intake intake);
  // Stops at once if Stop was not called. Acks may outlive the receiver.
  ~OtlpGrpcReceiver();
  OtlpGrpcReceiver(const OtlpGrpcReceiver&) = delete;
  OtlpGrpcReceiver& operator=(const OtlpGrpcReceiver&) = delete;

  // 0 for a Unix socket.
  [[nodiscard]] uint16_t bound_port() const;

  // What the health service says of "" and of the profiles service. Any thread.
  void SetHealth(Health health);

  // New calls are answered UNAVAILABLE; returns when those under way have been answered. At the
  // deadline they are cancelled, answered or not. Once, by the owner.
  void Stop(std::chrono::steady_clock::time_point deadline);

  // Calls that ended, by the sender, its deadline or the end of Stop, before their ack: what became
  // of the data the sender does not know. Any thread.
  [[nodiscard]] uint64_t ack_unknown() const;

 private:
  class Service;
  struct Listener;  // keeps the library's headers out of this one

  explicit OtlpGrpcReceiver(std::unique_ptr<Listener> listener);

  const std::unique_ptr<Listener> listener_;
};

}  // namespace flameway
