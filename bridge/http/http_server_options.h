// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "bridge/tls/tls_options.h"

namespace flameway {

struct HttpServerOptions {
  // host:port; an empty host is every interface, port 0 a free one
  std::string endpoint = "localhost:0";
  size_t max_header_bytes = size_t{16} << 10;  // request line and header lines together
  size_t max_body_bytes = size_t{1} << 20;     // where no gate says otherwise; before decompression
  int max_connections = 1'000;                 // one more is closed as soon as it is accepted
  std::chrono::milliseconds header_timeout{10'000};  // from accept, or from a request's first byte
  std::chrono::milliseconds body_timeout{60'000};    // for one whole body
  std::chrono::milliseconds idle_timeout{300'000};   // between requests of a kept-alive connection
  // For a peer to notice that the connection is being closed while it may still be sending; without
  // it the reset would overtake the last answer.
  std::chrono::milliseconds linger_timeout{2'000};
  int threads = 1;
  std::optional<TlsServerOptions> tls;  // files are re-read as its reload_interval says
};

}  // namespace flameway
