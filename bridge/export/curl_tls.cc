// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/curl_tls.h"

#include <openssl/ssl.h>

#include <string>

namespace flameway {
namespace {

// The suites up to TLS 1.2; those of 1.3 are the library's own in both contexts.
std::string CipherList(SSL_CTX* context) {
  std::string list;
  const STACK_OF(SSL_CIPHER)* const ciphers = SSL_CTX_get_ciphers(context);
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(ciphers, i);
    if (SSL_CIPHER_get_protocol_id(cipher) >> 8U == 0x13) continue;
    if (!list.empty()) list += ':';
    list += SSL_CIPHER_get_name(cipher);
  }
  return list;
}

bool CopyOwnCertificate(SSL_CTX* from, SSL_CTX* to) {
  X509* const certificate = SSL_CTX_get0_certificate(from);
  EVP_PKEY* const key = SSL_CTX_get0_privatekey(from);
  if (certificate == nullptr || key == nullptr) return true;
  STACK_OF(X509)* chain = nullptr;
  if (SSL_CTX_get0_chain_certs(from, &chain) != 1) return false;
  // SSL_CTX_use_cert_and_key takes references of its own and checks that the key fits.
  return SSL_CTX_use_cert_and_key(to, certificate, key, chain, /*override=*/1) == 1;
}

}  // namespace

bool CopyTlsContext(SSL_CTX* from, SSL_CTX* to) {
  SSL_CTX_set1_cert_store(to, SSL_CTX_get_cert_store(from));
  if (SSL_CTX_set1_param(to, SSL_CTX_get0_param(from)) != 1) return false;
  if (SSL_CTX_set_min_proto_version(to, static_cast<int>(SSL_CTX_get_min_proto_version(from))) !=
          1 ||
      SSL_CTX_set_max_proto_version(to, static_cast<int>(SSL_CTX_get_max_proto_version(from))) !=
          1) {
    return false;
  }
  const std::string ciphers = CipherList(from);
  if (!ciphers.empty() && SSL_CTX_set_cipher_list(to, ciphers.c_str()) != 1) return false;
  return CopyOwnCertificate(from, to);
}

}  // namespace flameway
