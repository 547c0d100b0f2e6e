// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace flameway {

// Paths of PEM files a TLS test can point options at. All keys are P-256, all certificates valid
// for one day around now.
struct TestCertificates {
  std::string ca_file;           // the authority that signed `server` and `client`
  std::string server_cert_file;  // DNS:localhost, IP:127.0.0.1, IP:::1; server authentication only
  std::string server_key_file;
  std::string
      client_cert_file;  // CN "client", URI:spiffe://test/client; client authentication only
  std::string client_key_file;
  std::string stranger_ca_file;  // another authority, unrelated to the first
  std::string
      stranger_cert_file;  // signed by `stranger_ca`, otherwise fit for both sides, localhost
  std::string stranger_key_file;
};

// Draws new keys and writes all files into `directory`, which must exist; files already there are
// replaced. Takes a few milliseconds. Ends the process if it cannot, so that tests need no checks.
[[nodiscard]] TestCertificates WriteTestCertificates(const std::filesystem::path& directory);

}  // namespace flameway
