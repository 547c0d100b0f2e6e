// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bridge/tls/tls_options.h"

namespace flameway {

// receivers.otlp.protocols.http
struct OtlpHttpReceiverOptions {
  std::string endpoint = "localhost:4318";  // host:port; port 0 takes a free one
  std::vector<std::string> paths = {"/v1development/profiles", "/v1/profiles"};
  size_t max_request_bytes = size_t{64} << 20;  // on the wire (max_request_body_size)
  size_t max_header_bytes = size_t{16} << 10;
  int max_connections = 10'000;
  // from accept or the previous answer's first byte of a request
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};   // for one whole body
  std::chrono::milliseconds idle_timeout{300'000};  // between requests of a kept-alive connection
  std::optional<TlsServerOptions> tls;
};

}  // namespace flameway
