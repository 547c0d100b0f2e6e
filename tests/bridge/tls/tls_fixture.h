// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <openssl/types.h>

#include <filesystem>
#include <string>

#include "bridge/tls/tls_options.h"
#include "tests/bridge/tls/test_certificates.h"

namespace flameway {

// Gives each test a folder of its own with certificates in it, and handshakes without sockets.
class TlsFixture : public testing::Test {
 protected:
  TlsFixture();
  ~TlsFixture() override;

  // Options of a server and of a client that trusts it.
  [[nodiscard]] TlsServerOptions Server() const;
  [[nodiscard]] TlsClientOptions Client() const;

  struct Outcome {
    bool connected = false;  // both sides finished and one byte went each way
    std::string version;     // "TLSv1.3"
    std::string cipher;      // IANA name
    std::string sni;         // as the server saw it
  };
  // In memory, on this thread. `host` goes to SetTlsPeerName.
  [[nodiscard]] static Outcome Handshake(SSL_CTX* server, SSL_CTX* client,
                                         const TlsClientOptions& options,
                                         const std::string& host = "localhost");
  // Makes both contexts, which must succeed.
  [[nodiscard]] static Outcome Handshake(const TlsServerOptions& server,
                                         const TlsClientOptions& client,
                                         const std::string& host = "localhost");

  // Path of a new file in the folder.
  [[nodiscard]] std::string Write(const std::string& name, const std::string& text) const;
  [[nodiscard]] static std::string Read(const std::string& path);

  std::filesystem::path folder_;
  TestCertificates files_;
};

}  // namespace flameway
