// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bridge/export/exporter.h"
#include "bridge/tls/tls_options.h"

namespace flameway {

// exporters.otlp_http
struct OtlpHttpExporterOptions {
  std::string profiles_endpoint;  // full URL; configuration derives it from `endpoint` +
                                  // /v1development/profiles
  std::chrono::milliseconds timeout{30'000};  // per attempt
  std::vector<std::pair<std::string, std::string>> headers;
  TlsClientOptions tls;  // `insecure` is without effect here: the scheme decides
  WireForm wire_form{.codec = Codec::kGzip};
};

}  // namespace flameway
