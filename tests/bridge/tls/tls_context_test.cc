// SPDX-License-Identifier: Apache-2.0
#include "bridge/tls/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <string>

#include "tests/bridge/tls/tls_fixture.h"

namespace flameway {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TlsContextTest : public TlsFixture {
 protected:
  static std::string ErrorOf(const TlsServerOptions& options) {
    return std::string(CreateTlsServerContext(options).status().message());
  }
  static std::string ErrorOf(const TlsClientOptions& options) {
    return std::string(CreateTlsClientContext(options).status().message());
  }
  TlsClientOptions ClientWithCertificate() const {
    TlsClientOptions options = Client();
    options.cert_file = files_.client_cert_file;
    options.key_file = files_.client_key_file;
    return options;
  }
};

TEST_F(TlsContextTest, PeersThatTrustEachOtherSpeakTheNewestVersion) {
  const Outcome outcome = Handshake(Server(), Client());
  EXPECT_TRUE(outcome.connected);
  EXPECT_EQ(outcome.version, "TLSv1.3");
  EXPECT_EQ(outcome.sni, "localhost");
}

TEST_F(TlsContextTest, ServerOfAnotherAuthorityIsRefusedUnlessVerificationIsOff) {
  TlsServerOptions server;
  server.cert_file = files_.stranger_cert_file;
  server.key_file = files_.stranger_key_file;
  TlsClientOptions client = Client();
  EXPECT_FALSE(Handshake(server, client).connected);
  client.insecure_skip_verify = true;
  EXPECT_TRUE(Handshake(server, client).connected);
}

TEST_F(TlsContextTest, SystemAuthoritiesDoNotKnowTheTestAuthority) {
  EXPECT_FALSE(Handshake(Server(), TlsClientOptions{}).connected);
  TlsClientOptions both = Client();
  both.include_system_ca_certs_pool = true;
  EXPECT_TRUE(Handshake(Server(), both).connected);
}

TEST_F(TlsContextTest, LeafInTheAuthorityFileIsAnAnchor) {
  TlsClientOptions client;
  client.ca_file = files_.server_cert_file;
  EXPECT_TRUE(Handshake(Server(), client).connected);
}

TEST_F(TlsContextTest, NameOfThePeerMustMatch) {
  TlsClientOptions client = Client();
  EXPECT_FALSE(Handshake(Server(), client, "example.org").connected);
  client.server_name_override = "localhost";
  const Outcome overridden = Handshake(Server(), client, "example.org");
  EXPECT_TRUE(overridden.connected);
  EXPECT_EQ(overridden.sni, "localhost");
}

TEST_F(TlsContextTest, AddressIsVerifiedAndNotSentAsName) {
  const Outcome outcome = Handshake(Server(), Client(), "127.0.0.1");
  EXPECT_TRUE(outcome.connected);
  EXPECT_EQ(outcome.sni, "");
  EXPECT_TRUE(Handshake(Server(), Client(), "::1").connected);
  EXPECT_FALSE(Handshake(Server(), Client(), "127.0.0.2").connected);
}

TEST_F(TlsContextTest, CommonNameIsNotAHostName) {
  const auto context = CreateTlsClientContext(Client());
  ASSERT_TRUE(context.ok());
  SSL* connection = SSL_new(context->get());
  ASSERT_TRUE(SetTlsPeerName(Client(), "localhost", connection).ok());
  EXPECT_TRUE(X509_VERIFY_PARAM_get_hostflags(SSL_get0_param(connection)) &
              X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  SSL_free(connection);
}

TEST_F(TlsContextTest, EmptyNameIsAnError) {
  const auto context = CreateTlsClientContext(Client());
  ASSERT_TRUE(context.ok());
  SSL* connection = SSL_new(context->get());
  EXPECT_FALSE(SetTlsPeerName(Client(), "", connection).ok());
  SSL_free(connection);
}

TEST_F(TlsContextTest, MutualTlsAdmitsOnlyClientsOfTheAuthority) {
  TlsServerOptions server = Server();
  server.client_ca_file = files_.ca_file;
  EXPECT_TRUE(Handshake(server, ClientWithCertificate()).connected);
  EXPECT_FALSE(Handshake(server, Client()).connected) << "without a certificate";
  TlsClientOptions stranger = Client();
  stranger.cert_file = files_.stranger_cert_file;
  stranger.key_file = files_.stranger_key_file;
  EXPECT_FALSE(Handshake(server, stranger).connected);
  TlsClientOptions misused = Client();
  misused.cert_file = files_.server_cert_file;
  misused.key_file = files_.server_key_file;
  EXPECT_FALSE(Handshake(server, misused).connected) << "with a server's certificate";
}

TEST_F(TlsContextTest, TextWorksLikeFiles) {
  TlsServerOptions server;
  server.cert_pem = Read(files_.server_cert_file);
  server.key_pem = Read(files_.server_key_file);
  TlsClientOptions client;
  client.ca_pem = Read(files_.ca_file);
  EXPECT_TRUE(Handshake(server, client).connected);
}

TEST_F(TlsContextTest, IntermediatesOfTheChainFileAreSent) {
  TlsServerOptions server = Server();
  server.cert_file = Write("chain.pem", Read(files_.server_cert_file) + Read(files_.ca_file));
  const auto context = CreateTlsServerContext(server);
  ASSERT_TRUE(context.ok()) << context.status();
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context->get(), &chain);
  EXPECT_EQ(sk_X509_num(chain), 1);
}

TEST_F(TlsContextTest, VersionsOfBothSidesMustOverlap) {
  TlsServerOptions server = Server();
  server.min_version = "1.3";
  TlsClientOptions client = Client();
  client.max_version = "1.2";
  EXPECT_FALSE(Handshake(server, client).connected);
  server.min_version = "1.2";
  EXPECT_EQ(Handshake(server, client).version, "TLSv1.2");
}

TEST_F(TlsContextTest, BadVersionsAreNamed) {
  TlsServerOptions server = Server();
  server.min_version = "1.1";
  EXPECT_THAT(ErrorOf(server), HasSubstr("min_version \"1.1\""));
  server.min_version = "1.3";
  server.max_version = "1.2";
  EXPECT_THAT(ErrorOf(server), HasSubstr("older than min_version"));
  server.min_version.clear();
  EXPECT_TRUE(CreateTlsServerContext(server).ok()) << "an empty min_version is the default";
  server.max_version = "TLS1.3";
  EXPECT_THAT(ErrorOf(server), HasSubstr("max_version \"TLS1.3\""));
}

TEST_F(TlsContextTest, CipherSuitesGoByIanaName) {
  TlsServerOptions server = Server();
  server.max_version = "1.2";
  server.cipher_suites = {"TLS_AES_128_GCM_SHA256",  // of TLS 1.3: no effect
                          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"};
  EXPECT_EQ(Handshake(server, Client()).cipher, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
  TlsClientOptions client = Client();
  client.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"};
  EXPECT_EQ(Handshake(server, client).cipher, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
  client.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"};
  EXPECT_FALSE(Handshake(server, client).connected);
}

TEST_F(TlsContextTest, UnknownCipherSuiteIsNamed) {
  TlsServerOptions server = Server();
  server.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES128-SHA"};
  EXPECT_THAT(ErrorOf(server), HasSubstr("cipher_suites \"ECDHE-RSA-AES128-SHA\""));
}

TEST_F(TlsContextTest, OnlyTls13SuitesMeanTls13Only) {
  TlsServerOptions server = Server();
  server.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
  TlsClientOptions client = Client();
  EXPECT_EQ(Handshake(server, client).version, "TLSv1.3");
  client.max_version = "1.2";
  EXPECT_FALSE(Handshake(server, client).connected);
  server.max_version = "1.2";
  EXPECT_THAT(ErrorOf(server), HasSubstr("only TLS 1.3 suites"));
}

TEST_F(TlsContextTest, KeyOfAnotherCertificateIsNamedWithBothFiles) {
  TlsServerOptions server = Server();
  server.key_file = files_.client_key_file;
  EXPECT_THAT(ErrorOf(server), AllOf(HasSubstr("key_file \"" + files_.client_key_file + "\""),
                                     HasSubstr("cert_file \"" + files_.server_cert_file + "\""),
                                     HasSubstr("key values mismatch")));
}

TEST_F(TlsContextTest, DamagedTextIsNamed) {
  TlsServerOptions server = Server();
  server.cert_file = Write("text.pem", "not PEM at all\n");
  EXPECT_THAT(ErrorOf(server), AllOf(HasSubstr(server.cert_file), HasSubstr("no PEM certificate")));
  const std::string good = Read(files_.server_cert_file);
  server.cert_file = Write("cut.pem", good + good.substr(0, good.size() / 2));
  EXPECT_THAT(ErrorOf(server), HasSubstr("cert_file \"" + server.cert_file + "\": error:"));
  server = Server();
  server.key_file = files_.server_cert_file;
  EXPECT_THAT(ErrorOf(server), HasSubstr("key_file \"" + server.key_file + "\": error:"));
  server = Server();
  server.client_ca_file = files_.client_key_file;
  EXPECT_THAT(ErrorOf(server), HasSubstr("client_ca_file \"" + server.client_ca_file + "\""));
  TlsClientOptions client;
  client.ca_pem = "nothing";
  EXPECT_THAT(ErrorOf(client), HasSubstr("ca_pem: no PEM certificate"));
}

TEST_F(TlsContextTest, EncryptedKeyIsRefusedWithoutAskingOnTheTerminal) {
  const std::string path = (folder_ / "encrypted.key").string();
  EVP_PKEY* key = EVP_EC_gen("P-256");
  std::FILE* file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  unsigned char passphrase[] = "secret";
  ASSERT_EQ(PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), passphrase, 6, nullptr, nullptr), 1);
  std::fclose(file);
  EVP_PKEY_free(key);
  TlsServerOptions server = Server();
  server.key_file = path;
  EXPECT_THAT(ErrorOf(server), AllOf(HasSubstr(path), HasSubstr("the key is encrypted")));
}

}  // namespace
}  // namespace flameway
