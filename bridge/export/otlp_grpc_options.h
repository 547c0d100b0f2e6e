// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bridge/export/exporter.h"
#include "bridge/tls/tls_options.h"

namespace flameway {

// exporters.otlp_grpc
struct OtlpGrpcExporterOptions {
  std::string endpoint;  // host:port, http(s)://host:port, dns:///host:port, unix:///path
  std::chrono::milliseconds timeout{5'000};  // per attempt
  std::vector<std::pair<std::string, std::string>> headers;
  std::string authority;                        // empty: the endpoint's
  std::string user_agent;                       // empty: flameway/<version>
  std::chrono::milliseconds keepalive_time{0};  // HTTP/2 PING while a call waits; 0: off
  std::chrono::milliseconds keepalive_timeout{10'000};
  TlsClientOptions tls;
  WireForm wire_form{.codec = Codec::kGzip};
};

}  // namespace flameway
