// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "bridge/tls/tls_options.h"

namespace flameway {

// The text behind TLS options, from files or from the configuration itself. An option that is not
// set leaves its text empty.
struct PemBundle {
  std::string certificate_chain;  // own, leaf first
  std::string private_key;        // secret: never log it
  std::string authorities;        // whom to trust: ca_* of a client, client_ca_file of a server

  bool operator==(const PemBundle&) const = default;
};

// Reads, does not parse: a context made of the bundle tells whether the text is any good.
// Fails on a file that cannot be read, on *_file together with *_pem, on a certificate without its
// key or the reverse. A server needs both.
[[nodiscard]] absl::StatusOr<PemBundle> LoadPem(const TlsServerOptions& options);
[[nodiscard]] absl::StatusOr<PemBundle> LoadPem(const TlsClientOptions& options);

}  // namespace flameway
