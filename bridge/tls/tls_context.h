// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/tls/pem.h"
#include "bridge/tls/tls_options.h"

namespace flameway {

// OpenSSL contexts from TLS options. A context is made once, then only read: any thread may open
// connections with it. Shared, because a reload replaces it while connections are being opened.
// ALPN is the caller's. Every failure names the option, the file and what OpenSSL said.
//
// Where the two could differ, options mean what they mean to the Collector (Go's crypto/tls):
// every certificate of a CA file is an anchor, a root or not; host names are never looked up in
// the CN; TLS 1.3 suites cannot be chosen, naming only such means TLS 1.3 only.

// client_ca_file set: clients without a certificate of that authority fail the handshake. A
// server's ca_* and include_system_ca_certs_pool have no effect, as in the Collector.
[[nodiscard]] absl::StatusOr<std::shared_ptr<SSL_CTX>> CreateTlsServerContext(
    const TlsServerOptions& options);

// `insecure` is the caller's: it says whether to use TLS at all. The peer's certificate is verified
// unless insecure_skip_verify; its name only after SetTlsPeerName.
[[nodiscard]] absl::StatusOr<std::shared_ptr<SSL_CTX>> CreateTlsClientContext(
    const TlsClientOptions& options);

// The same from text already read with LoadPem(options).
[[nodiscard]] absl::StatusOr<std::shared_ptr<SSL_CTX>> CreateTlsServerContext(
    const TlsServerOptions& options, const PemBundle& pem);
[[nodiscard]] absl::StatusOr<std::shared_ptr<SSL_CTX>> CreateTlsClientContext(
    const TlsClientOptions& options, const PemBundle& pem);

// To be called on each client connection before its handshake. Sets SNI and the name or address the
// certificate must carry: server_name_override, else `host`, which has no port and no brackets.
[[nodiscard]] absl::Status SetTlsPeerName(const TlsClientOptions& options, const std::string& host,
                                          SSL* connection);

}  // namespace flameway
