// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/tls/tls_fixture.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "bridge/tls/tls_context.h"

namespace flameway {
namespace {

struct Free {
  void operator()(SSL* connection) const { SSL_free(connection); }
};
using Connection = std::unique_ptr<SSL, Free>;

bool Transfer(SSL* from, SSL* to) {
  char byte = 'x';
  return SSL_write(from, &byte, 1) == 1 && SSL_read(to, &byte, 1) == 1;
}

}  // namespace

TlsFixture::TlsFixture() {
  std::string name = (std::filesystem::path(testing::TempDir()) / "flameway_tls_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  folder_ = name;
  files_ = WriteTestCertificates(folder_);
}

TlsFixture::~TlsFixture() { std::filesystem::remove_all(folder_); }

TlsServerOptions TlsFixture::Server() const {
  TlsServerOptions options;
  options.cert_file = files_.server_cert_file;
  options.key_file = files_.server_key_file;
  return options;
}

TlsClientOptions TlsFixture::Client() const {
  TlsClientOptions options;
  options.ca_file = files_.ca_file;
  return options;
}

TlsFixture::Outcome TlsFixture::Handshake(SSL_CTX* server, SSL_CTX* client,
                                          const TlsClientOptions& options,
                                          const std::string& host) {
  Outcome outcome;
  const Connection near(SSL_new(client));
  const Connection far(SSL_new(server));
  BIO* near_end = nullptr;
  BIO* far_end = nullptr;
  if (near == nullptr || far == nullptr || BIO_new_bio_pair(&near_end, 0, &far_end, 0) != 1) {
    ADD_FAILURE() << "no connection";
    return outcome;
  }
  SSL_set_bio(near.get(), near_end, near_end);
  SSL_set_bio(far.get(), far_end, far_end);
  SSL_set_connect_state(near.get());
  SSL_set_accept_state(far.get());
  EXPECT_TRUE(SetTlsPeerName(options, host, near.get()).ok());

  // A handshake takes three turns at most; ten that change nothing mean it failed.
  bool near_done = false;
  bool far_done = false;
  for (int turn = 0; turn < 10 && !(near_done && far_done); ++turn) {
    near_done = SSL_do_handshake(near.get()) == 1;
    far_done = SSL_do_handshake(far.get()) == 1;
  }
  outcome.connected =
      near_done && far_done && Transfer(near.get(), far.get()) && Transfer(far.get(), near.get());
  if (outcome.connected) {
    outcome.version = SSL_get_version(near.get());
    outcome.cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(near.get()));
    const char* sni = SSL_get_servername(far.get(), TLSEXT_NAMETYPE_host_name);
    outcome.sni = sni == nullptr ? "" : sni;
  }
  ERR_clear_error();
  return outcome;
}

TlsFixture::Outcome TlsFixture::Handshake(const TlsServerOptions& server,
                                          const TlsClientOptions& client, const std::string& host) {
  const auto server_context = CreateTlsServerContext(server);
  const auto client_context = CreateTlsClientContext(client);
  EXPECT_TRUE(server_context.ok()) << server_context.status();
  EXPECT_TRUE(client_context.ok()) << client_context.status();
  if (!server_context.ok() || !client_context.ok()) return {};
  return Handshake(server_context->get(), client_context->get(), client, host);
}

std::string TlsFixture::Write(const std::string& name, const std::string& text) const {
  const std::string path = (folder_ / name).string();
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  return path;
}

std::string TlsFixture::Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace flameway
