// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace flameway {

// The Collector's `tls:` block, server and client side (configtls). Files are PEM; *_pem holds the
// text itself and excludes the file of the same name.
struct TlsOptions {
  std::string ca_file, ca_pem;                // whom to trust as a client; empty: the system's
  std::string cert_file, cert_pem;            // own chain
  std::string key_file, key_pem;              // own key
  std::string min_version = "1.2";            // "1.2" or "1.3"
  std::string max_version;                    // empty: newest
  std::vector<std::string> cipher_suites;     // TLS 1.2 suites by IANA name; empty: the library's
  bool include_system_ca_certs_pool = false;  // with ca_file: trust both
  std::chrono::milliseconds reload_interval{0};  // re-read files at most this often; 0: never
};

struct TlsServerOptions : TlsOptions {
  std::string client_ca_file;  // set: mTLS, clients must show a certificate of this authority
};

struct TlsClientOptions : TlsOptions {
  bool insecure =
      false;  // clear text (the Collector's meaning for gRPC; HTTP goes by the URL's scheme)
  bool insecure_skip_verify = false;  // TLS without checking the peer
  std::string server_name_override;   // SNI and name to verify instead of the endpoint's host
};

}  // namespace flameway
