// SPDX-License-Identifier: Apache-2.0
#include "bridge/tls/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <climits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace flameway {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* cert) const { X509_free(cert); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Cert = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::shared_ptr<SSL_CTX>;

// Empties this thread's OpenSSL error queue.
std::string OpenSslErrors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    char line[256];
    ERR_error_string_n(code, line, sizeof(line));
    text.append(text.empty() ? "" : "; ").append(line);
  }
  return text.empty() ? "OpenSSL gave no reason" : text;
}

absl::Status Wrong(const std::string& where, const std::string& reason) {
  return absl::InvalidArgumentError("tls: " + where + ": " + reason);
}

absl::Status OpenSslSays(const std::string& where) { return Wrong(where, OpenSslErrors()); }

// How an error names the source of a text.
std::string Origin(const std::string& name, const std::string& file) {
  return file.empty() ? name + "_pem" : name + "_file \"" + file + "\"";
}

// Without it OpenSSL would ask for the passphrase on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Bio Reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::StatusOr<std::vector<Cert>> ParseCertificates(const std::string& text,
                                                    const std::string& origin) {
  if (text.size() > INT_MAX) return Wrong(origin, "too large");
  ERR_clear_error();
  const Bio reader = Reader(text);
  std::vector<Cert> certs;
  while (reader != nullptr) {
    Cert cert(PEM_read_bio_X509_AUX(reader.get(), nullptr, nullptr, nullptr));
    if (cert == nullptr) break;
    certs.push_back(std::move(cert));
  }
  // The end of the text is reported as a missing start line, anything else is damage.
  const unsigned long last = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (!at_end) return OpenSslSays(origin);
  ERR_clear_error();
  if (certs.empty()) return Wrong(origin, "no PEM certificate in it");
  return certs;
}

absl::Status UseOwnCertificate(const TlsOptions& options, const PemBundle& pem, SSL_CTX* context) {
  if (pem.certificate_chain.empty()) return absl::OkStatus();
  const std::string cert_origin = Origin("cert", options.cert_file);
  const std::string key_origin = Origin("key", options.key_file);

  absl::StatusOr<std::vector<Cert>> chain = ParseCertificates(pem.certificate_chain, cert_origin);
  if (!chain.ok()) return chain.status();
  if (SSL_CTX_use_certificate(context, chain->front().get()) != 1) return OpenSslSays(cert_origin);
  for (size_t i = 1; i < chain->size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) != 1) return OpenSslSays(cert_origin);
  }

  if (pem.private_key.size() > INT_MAX) return Wrong(key_origin, "too large");
  const Bio reader = Reader(pem.private_key);
  bool asked_for_passphrase = false;
  const Key key(
      PEM_read_bio_PrivateKey(reader.get(), nullptr, NoPassphrase, &asked_for_passphrase));
  if (key == nullptr) {
    const std::string errors = OpenSslErrors();
    return Wrong(key_origin, asked_for_passphrase
                                 ? "the key is encrypted; store it without a passphrase"
                                 : errors);
  }
  // Also fails, with "key values mismatch", on a key that is not this certificate's.
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return OpenSslSays(key_origin + " for " + cert_origin);
  }
  return absl::OkStatus();
}

absl::Status Trust(const std::vector<Cert>& authorities, const std::string& origin,
                   SSL_CTX* context) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const Cert& authority : authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) return OpenSslSays(origin);
  }
  if (X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) != 1) return OpenSslSays(origin);
  return absl::OkStatus();
}

// 0 for a version we do not speak.
int ProtocolNumber(std::string_view version) {
  if (version == "1.2") return TLS1_2_VERSION;
  if (version == "1.3") return TLS1_3_VERSION;
  return 0;
}

absl::Status RestrictVersions(const TlsOptions& options, SSL_CTX* context) {
  const int oldest =
      options.min_version.empty() ? TLS1_2_VERSION : ProtocolNumber(options.min_version);
  if (oldest == 0) {
    return Wrong("min_version \"" + options.min_version + "\"", "use \"1.2\" or \"1.3\"");
  }
  const int newest =
      options.max_version.empty() ? TLS1_3_VERSION : ProtocolNumber(options.max_version);
  if (newest == 0) {
    return Wrong("max_version \"" + options.max_version + "\"", "use \"1.2\" or \"1.3\"");
  }
  if (newest < oldest) {
    return Wrong("max_version \"" + options.max_version + "\"",
                 "older than min_version \"" + options.min_version + "\"");
  }
  if (SSL_CTX_set_min_proto_version(context, oldest) != 1 ||
      SSL_CTX_set_max_proto_version(context, newest) != 1) {
    return OpenSslSays("min_version, max_version");
  }
  return absl::OkStatus();
}

absl::Status RestrictCiphers(const TlsOptions& options, SSL_CTX* context) {
  if (options.cipher_suites.empty()) return absl::OkStatus();
  std::string names;
  for (const std::string& suite : options.cipher_suites) {
    const std::string where = "cipher_suites \"" + suite + "\"";
    const std::string_view name = OPENSSL_cipher_name(suite.c_str());
    if (name == "(NONE)") return Wrong(where, "no cipher suite has this IANA name");
    // TLS 1.3 names carry no key exchange; OpenSSL does not take them in this list.
    if (suite.find("_WITH_") == std::string::npos) continue;
    // One by one, because a list is accepted as long as one of its suites is known.
    ERR_clear_error();
    if (SSL_CTX_set_cipher_list(context, std::string(name).c_str()) != 1) return OpenSslSays(where);
    names.append(names.empty() ? "" : ":").append(name);
  }
  if (names.empty()) {
    if (options.max_version == "1.2") {
      return Wrong("cipher_suites", "only TLS 1.3 suites, but max_version is \"1.2\"");
    }
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    return absl::OkStatus();
  }
  if (SSL_CTX_set_cipher_list(context, names.c_str()) != 1) return OpenSslSays("cipher_suites");
  return absl::OkStatus();
}

// What both sides have in common.
absl::StatusOr<Context> Create(const SSL_METHOD* method, const TlsOptions& options,
                               const PemBundle& pem) {
  ERR_clear_error();
  Context context(SSL_CTX_new(method), SSL_CTX_free);
  if (context == nullptr) return OpenSslSays("SSL_CTX_new");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // Buffers of idle connections are given back (about 34 KB each); writers may retry with another
  // address and see how much went out.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (absl::Status s = RestrictVersions(options, context.get()); !s.ok()) return s;
  if (absl::Status s = RestrictCiphers(options, context.get()); !s.ok()) return s;
  if (absl::Status s = UseOwnCertificate(options, pem, context.get()); !s.ok()) return s;
  return context;
}

}  // namespace

absl::StatusOr<Context> CreateTlsServerContext(const TlsServerOptions& options) {
  absl::StatusOr<PemBundle> pem = LoadPem(options);
  if (!pem.ok()) return pem.status();
  return CreateTlsServerContext(options, *pem);
}

absl::StatusOr<Context> CreateTlsClientContext(const TlsClientOptions& options) {
  absl::StatusOr<PemBundle> pem = LoadPem(options);
  if (!pem.ok()) return pem.status();
  return CreateTlsClientContext(options, *pem);
}

absl::StatusOr<Context> CreateTlsServerContext(const TlsServerOptions& options,
                                               const PemBundle& pem) {
  absl::StatusOr<Context> context = Create(TLS_server_method(), options, pem);
  if (!context.ok()) return context;
  SSL_CTX* const raw = context->get();
  SSL_CTX_set_options(raw, SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Resumption works by tickets alone; a cache would be memory that peers fill.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  // Resumed sessions of verified clients are refused without an id of the service.
  constexpr unsigned char kSessionScope[] = {'f', 'l', 'a', 'm', 'e', 'w', 'a', 'y'};
  SSL_CTX_set_session_id_context(raw, kSessionScope, sizeof(kSessionScope));
  if (pem.authorities.empty()) return context;

  const std::string origin = "client_ca_file \"" + options.client_ca_file + "\"";
  absl::StatusOr<std::vector<Cert>> authorities = ParseCertificates(pem.authorities, origin);
  if (!authorities.ok()) return authorities.status();
  if (absl::Status s = Trust(*authorities, origin, raw); !s.ok()) return s;
  for (const Cert& authority : *authorities) {
    if (SSL_CTX_add_client_CA(raw, authority.get()) != 1) return OpenSslSays(origin);
  }
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

absl::StatusOr<Context> CreateTlsClientContext(const TlsClientOptions& options,
                                               const PemBundle& pem) {
  absl::StatusOr<Context> context = Create(TLS_client_method(), options, pem);
  if (!context.ok()) return context;
  SSL_CTX* const raw = context->get();
  if (pem.authorities.empty() || options.include_system_ca_certs_pool) {
    if (SSL_CTX_set_default_verify_paths(raw) != 1) return OpenSslSays("the system's authorities");
  }
  if (!pem.authorities.empty()) {
    const std::string origin = Origin("ca", options.ca_file);
    absl::StatusOr<std::vector<Cert>> authorities = ParseCertificates(pem.authorities, origin);
    if (!authorities.ok()) return authorities.status();
    if (absl::Status s = Trust(*authorities, origin, raw); !s.ok()) return s;
  }
  SSL_CTX_set_verify(raw, options.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     nullptr);
  return context;
}

absl::Status SetTlsPeerName(const TlsClientOptions& options, const std::string& host,
                            SSL* connection) {
  const bool overridden = !options.server_name_override.empty();
  const std::string& name = overridden ? options.server_name_override : host;
  const std::string where = (overridden ? "server_name_override \"" : "host \"") + name + "\"";
  if (name.empty()) return Wrong(where, "no name to verify");
  ERR_clear_error();
  // An address is matched against the certificate's addresses and never sent as SNI (RFC 6066).
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name.c_str()) == 1) {
    return absl::OkStatus();
  }
  ERR_clear_error();
  SSL_set_hostflags(connection,
                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(connection, name.c_str()) != 1 ||
      SSL_set_tlsext_host_name(connection, name.c_str()) != 1) {
    return OpenSslSays(where);
  }
  return absl::OkStatus();
}

}  // namespace flameway
