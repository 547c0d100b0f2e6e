// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "bridge/export/exporter.h"
#include "bridge/export/otlp_grpc_options.h"

namespace flameway {

// OTLP/gRPC over our own HTTP/2 client. Each lane holds one connection; lanes start with different
// addresses of a name that has several. TLS is used for https, not for http, and otherwise unless
// tls.insecure. Start loads certificates; they are read again as tls.reload_interval says, for new
// connections.
//
// A timeout of 0 means none. A frame above wire_form.max_request_bytes is not sent (kPermanent).
// An answer that never came, and a stream that was reset, are no word of the destination: kRetry.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> CreateOtlpGrpcExporter(
    const OtlpGrpcExporterOptions& options);

}  // namespace flameway
