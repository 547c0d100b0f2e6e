// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/tls_grammar.h"

#include <string>

#include "fmt/format.h"

namespace flameway {
namespace {

void Exclusive(Section& section, std::string_view file_key, const std::string& file,
               std::string_view pem_key, const std::string& pem) {
  if (file.empty() || pem.empty()) return;
  section.Report(pem_key, DiagnosticCode::kConflict,
                 fmt::format("`{}` and `{}` exclude each other", file_key, pem_key));
}

bool IsVersion(const std::string& version) { return version == "1.2" || version == "1.3"; }

void CheckVersions(Section& section, const TlsOptions& tls) {
  for (const auto& [key, value] :
       {std::pair("min_version", &tls.min_version), std::pair("max_version", &tls.max_version)}) {
    if (value->empty() || IsVersion(*value)) continue;
    section.Report(key, DiagnosticCode::kBadValue, fmt::format("`{}` must be 1.2 or 1.3", key),
                   "older TLS is not offered");
  }
  if (tls.min_version == "1.3" && tls.max_version == "1.2") {
    section.Report("max_version", DiagnosticCode::kConflict,
                   "`max_version` is below `min_version`");
  }
}

void DescribeShared(Section& section, TlsOptions& tls) {
  section.Text("ca_file", tls.ca_file);
  section.Text("ca_pem", tls.ca_pem, Section::Secrecy::kSecret);
  section.Text("cert_file", tls.cert_file);
  section.Text("cert_pem", tls.cert_pem, Section::Secrecy::kSecret);
  section.Text("key_file", tls.key_file);
  section.Text("key_pem", tls.key_pem, Section::Secrecy::kSecret);
  section.Text("min_version", tls.min_version);
  section.Text("max_version", tls.max_version);
  section.TextList("cipher_suites", tls.cipher_suites);
  section.Bool("include_system_ca_certs_pool", tls.include_system_ca_certs_pool);
  section.Duration("reload_interval", tls.reload_interval);
  section.Unsupported("curve_preferences", "the library's defaults are used");
  section.Unsupported("tpm", "keys come from files or configuration");

  if (tls.min_version.empty()) tls.min_version = "1.2";
  CheckVersions(section, tls);
  Exclusive(section, "ca_file", tls.ca_file, "ca_pem", tls.ca_pem);
  Exclusive(section, "cert_file", tls.cert_file, "cert_pem", tls.cert_pem);
  Exclusive(section, "key_file", tls.key_file, "key_pem", tls.key_pem);
  const bool cert = !tls.cert_file.empty() || !tls.cert_pem.empty();
  const bool key = !tls.key_file.empty() || !tls.key_pem.empty();
  if (cert != key) {
    section.Report(cert ? "cert_file" : "key_file", DiagnosticCode::kMissing,
                   "a certificate and its key come together",
                   cert ? "add `key_file` or `key_pem`" : "add `cert_file` or `cert_pem`");
  }
}

}  // namespace

void DescribeTlsServer(Section& section, TlsServerOptions& tls) {
  DescribeShared(section, tls);
  section.Text("client_ca_file", tls.client_ca_file);
  section.Ignored("client_ca_file_reload", "`reload_interval` covers the client authority too");
  if (tls.cert_file.empty() && tls.cert_pem.empty() && tls.key_file.empty() &&
      tls.key_pem.empty()) {
    section.Report("", DiagnosticCode::kMissing, "a TLS server needs `cert_file` and `key_file`");
  }
}

void DescribeTlsClient(Section& section, TlsClientOptions& tls) {
  section.Bool("insecure", tls.insecure);
  section.Bool("insecure_skip_verify", tls.insecure_skip_verify);
  section.Text("server_name_override", tls.server_name_override);
  DescribeShared(section, tls);
}

}  // namespace flameway
