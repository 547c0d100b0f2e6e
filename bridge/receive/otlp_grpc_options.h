// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "bridge/tls/tls_options.h"

namespace flameway {

// receivers.otlp.protocols.grpc
struct OtlpGrpcReceiverOptions {
  // host:port; port 0 takes a free one. `transport: unix`: unix:PATH
  std::string endpoint = "localhost:4317";
  // on the wire (max_recv_msg_size_mib); decompressed is bounded apart
  size_t max_request_bytes = size_t{64} << 20;
  int max_concurrent_streams = 100;  // per connection
  // keepalive.server_parameters; 0: the library's default
  std::chrono::milliseconds max_connection_idle{0};
  std::chrono::milliseconds max_connection_age{0};
  std::chrono::milliseconds max_connection_age_grace{0};
  std::chrono::milliseconds keepalive_time{60'000};
  std::chrono::milliseconds keepalive_timeout{20'000};
  // keepalive.enforcement_policy; gRPC's own 5 minutes break many agents
  std::chrono::milliseconds min_client_ping_interval{10'000};
  bool permit_pings_without_stream = true;
  std::optional<TlsServerOptions> tls;
};

}  // namespace flameway
