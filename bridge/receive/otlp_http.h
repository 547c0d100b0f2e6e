// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "bridge/receive/intake.h"
#include "bridge/receive/otlp_http_options.h"

namespace flameway {

class HttpServer;

// OTLP/HTTP for profiles: takes POSTs of binary protobuf, plain, gzip or zstd, and hands their
// bodies to the intake as they came. What can be refused by its header (path, method, media type,
// coding, length) is refused before its body is read. Every error carries a google.rpc.Status in
// the media type of the request, in JSON when that is not protobuf. Has threads of its own; the
// intake is called from them.
class OtlpHttpReceiver {
 public:
  // Listens and serves from here on. Without `meters` bodies that arrive are bounded by their
  // number and size only.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<OtlpHttpReceiver>> Create(
      OtlpHttpReceiverOptions options, Intake intake, BodyMeterMaker meters = nullptr);
  // Stops at once if Stop was not called. Acks may outlive the receiver.
  ~OtlpHttpReceiver();

  [[nodiscard]] uint16_t bound_port() const;

  // Requests that begin now are answered 503; returns when those under way have been answered, at
  // the latest at the deadline. Once, by the owner.
  void Stop(std::chrono::steady_clock::time_point deadline);

 private:
  explicit OtlpHttpReceiver(std::unique_ptr<HttpServer> server);

  const std::unique_ptr<HttpServer> server_;
};

}  // namespace flameway
