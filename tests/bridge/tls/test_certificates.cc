// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/tls/test_certificates.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace flameway {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* cert) const { X509_free(cert); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Cert = std::unique_ptr<X509, Free>;

struct Identity {
  Key key;
  Cert cert;
};

void Require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "test certificates: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

void AddExtension(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  Require(extension != nullptr, "X509V3_EXT_conf_nid");
  Require(X509_add_ext(cert, extension.get(), -1) == 1, "X509_add_ext");
}

struct Profile {
  const char* common_name;
  const char* basic_constraints;
  const char* key_usage;
  const char* extended_key_usage;  // null: none
  const char* alternative_names;   // null: none
};

// `issuer` null: self-signed.
Identity Issue(const Profile& profile, const Identity* issuer) {
  Identity made{Key(EVP_EC_gen("P-256")), Cert(X509_new())};
  Require(made.key != nullptr && made.cert != nullptr, "EVP_EC_gen");
  X509* cert = made.cert.get();
  X509* issuer_cert = issuer != nullptr ? issuer->cert.get() : cert;

  uint64_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "RAND_bytes");
  Require(X509_set_version(cert, X509_VERSION_3) == 1, "X509_set_version");
  Require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) == 1, "serial");
  constexpr long kHalfDaySeconds = 12 * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(cert), -kHalfDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(cert), kHalfDaySeconds);
  Require(X509_set_pubkey(cert, made.key.get()) == 1, "X509_set_pubkey");
  X509_NAME* name = X509_get_subject_name(cert);
  Require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(profile.common_name),
                                     -1, -1, 0) == 1,
          "X509_NAME_add_entry_by_txt");
  Require(X509_set_issuer_name(cert, X509_get_subject_name(issuer_cert)) == 1, "issuer");

  AddExtension(cert, issuer_cert, NID_basic_constraints, profile.basic_constraints);
  AddExtension(cert, issuer_cert, NID_key_usage, profile.key_usage);
  AddExtension(cert, issuer_cert, NID_subject_key_identifier, "hash");
  AddExtension(cert, issuer_cert, NID_authority_key_identifier, "keyid");
  if (profile.extended_key_usage != nullptr) {
    AddExtension(cert, issuer_cert, NID_ext_key_usage, profile.extended_key_usage);
  }
  if (profile.alternative_names != nullptr) {
    AddExtension(cert, issuer_cert, NID_subject_alt_name, profile.alternative_names);
  }
  EVP_PKEY* signer = issuer != nullptr ? issuer->key.get() : made.key.get();
  Require(X509_sign(cert, signer, EVP_sha256()) > 0, "X509_sign");
  return made;
}

std::FILE* Open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  Require(file != nullptr, path.c_str());
  return file;
}

std::string WriteCert(const std::filesystem::path& path, const Identity& identity) {
  std::FILE* file = Open(path.string());
  Require(PEM_write_X509(file, identity.cert.get()) == 1, "PEM_write_X509");
  Require(std::fclose(file) == 0, "fclose");
  return path.string();
}

std::string WriteKey(const std::filesystem::path& path, const Identity& identity) {
  std::FILE* file = Open(path.string());
  Require(
      PEM_write_PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "PEM_write_PrivateKey");
  Require(std::fclose(file) == 0, "fclose");
  return path.string();
}

constexpr Profile Authority(const char* common_name) {
  return {common_name, "critical,CA:TRUE", "critical,keyCertSign,cRLSign", nullptr, nullptr};
}

}  // namespace

TestCertificates WriteTestCertificates(const std::filesystem::path& directory) {
  constexpr const char* kLeafUsage = "critical,digitalSignature";
  constexpr const char* kLocalNames = "DNS:localhost,IP:127.0.0.1,IP:::1";
  const Identity ca = Issue(Authority("test authority"), nullptr);
  const Identity server =
      Issue({"localhost", "critical,CA:FALSE", kLeafUsage, "serverAuth", kLocalNames}, &ca);
  const Identity client = Issue(
      {"client", "critical,CA:FALSE", kLeafUsage, "clientAuth", "URI:spiffe://test/client"}, &ca);
  const Identity stranger_ca = Issue(Authority("stranger authority"), nullptr);
  const Identity stranger =
      Issue({"localhost", "critical,CA:FALSE", kLeafUsage, "serverAuth,clientAuth", kLocalNames},
            &stranger_ca);
  return {
      .ca_file = WriteCert(directory / "ca.pem", ca),
      .server_cert_file = WriteCert(directory / "server.pem", server),
      .server_key_file = WriteKey(directory / "server.key", server),
      .client_cert_file = WriteCert(directory / "client.pem", client),
      .client_key_file = WriteKey(directory / "client.key", client),
      .stranger_ca_file = WriteCert(directory / "stranger_ca.pem", stranger_ca),
      .stranger_cert_file = WriteCert(directory / "stranger.pem", stranger),
      .stranger_key_file = WriteKey(directory / "stranger.key", stranger),
  };
}

}  // namespace flameway
