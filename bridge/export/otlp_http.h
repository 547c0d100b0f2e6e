// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "bridge/export/exporter.h"
#include "bridge/export/otlp_http_options.h"

namespace flameway {

// OTLP/HTTP with protobuf bodies over libcurl, HTTP/1.1 only. Each lane holds one easy handle and
// its connection. Redirects are never followed. The proxies of the environment (http_proxy,
// https_proxy, no_proxy) are used, as the Collector does, but never for a loopback host. Start
// loads certificates; they are read again as tls.reload_interval says, for new connections.
//
// A timeout of 0 means none. A frame above wire_form.max_request_bytes is not sent (kPermanent).
[[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> CreateOtlpHttpExporter(
    const OtlpHttpExporterOptions& options);

// The same with a clock for the dates of Retry-After. Called from the lanes' threads.
using WallClock = std::function<std::chrono::system_clock::time_point()>;
[[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> CreateOtlpHttpExporter(
    const OtlpHttpExporterOptions& options, WallClock now);

}  // namespace flameway
