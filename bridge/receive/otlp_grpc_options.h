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
  std::string endpoint =
      "localhost:4317";  // host:port; port 0 takes a free one. `transport: unix`: unix:PATH
  size_t max_request_bytes =
      size_t{64} << 20;  // on the wire (max_recv_msg_size_mib); decompressed is bounded apart
  int max_concurrent_streams = 100;  // per connection
  size_t max_buffered_bytes = 0;  // of messages that arrive, all connections together; beyond, the
                                  // library ends streams (RESOURCE_EXHAUSTED). 0: no bound
  // keepalive.server_parameters; 0: the library's default, which is none for the first three. Their
  // ends let load balancers spread connections anew, and are all that ends a stream whose message
  // never comes.
  std::chrono::milliseconds max_connection_idle{300'000};
  std::chrono::milliseconds max_connection_age{600'000};
  std::chrono::milliseconds max_connection_age_grace{30'000};
  std::chrono::milliseconds keepalive_time{60'000};
  std::chrono::milliseconds keepalive_timeout{20'000};
  // keepalive.enforcement_policy; gRPC's own 5 minutes break many agents
  std::chrono::milliseconds min_client_ping_interval{10'000};
  bool permit_pings_without_stream = true;
  std::optional<TlsServerOptions> tls;
};

}  // namespace flameway
