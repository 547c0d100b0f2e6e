// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "bridge/tls/tls_options.h"

namespace flameway {

// How a gRPC listener speaks: in clear text without options, else TLS, with client_ca_file mTLS.
// With a reload_interval the files are watched by the library (whole seconds, at least one);
// text given in the configuration itself is not. The library cannot be told min_version 1.3,
// a max_version or cipher suites: such options are refused rather than ignored.
[[nodiscard]] absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CreateGrpcServerCredentials(
    const std::optional<TlsServerOptions>& tls);

}  // namespace flameway
