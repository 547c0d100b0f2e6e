// SPDX-License-Identifier: Apache-2.0
#include "bridge/tls/tls_reloader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "bridge/tls/tls_context.h"
#include "tests/bridge/tls/tls_fixture.h"

namespace flameway {
namespace {

using std::chrono::seconds;

class TlsReloaderTest : public TlsFixture {
 protected:
  TlsServerOptions ReloadingServer() const {
    TlsServerOptions options = Server();
    options.reload_interval = seconds(10);
    return options;
  }
  std::unique_ptr<TlsReloader> Start(const TlsServerOptions& options) {
    auto reloader = TlsReloader::Create(options, start_);
    EXPECT_TRUE(reloader.ok()) << reloader.status();
    return *std::move(reloader);
  }
  // As a renewal does: same paths, other keys, another authority.
  void Renew() { files_ = WriteTestCertificates(folder_); }

  bool Accepts(SSL_CTX* server) {
    const auto client = CreateTlsClientContext(Client());
    return client.ok() && Handshake(server, client->get(), Client()).connected;
  }

  const TlsReloader::Time start_{seconds(1000)};
};

TEST_F(TlsReloaderTest, RenewedFilesTakeEffectAfterTheInterval) {
  const auto reloader = Start(ReloadingServer());
  const auto before = reloader->Current(start_);
  EXPECT_TRUE(Accepts(before.get()));
  Renew();
  EXPECT_EQ(reloader->Current(start_ + seconds(9)), before);
  const auto after = reloader->Current(start_ + seconds(10));
  EXPECT_NE(after, before);
  EXPECT_TRUE(Accepts(after.get()));
  EXPECT_FALSE(Accepts(before.get())) << "the client follows the new authority";
  EXPECT_TRUE(reloader->LastReload().ok());
}

TEST_F(TlsReloaderTest, UnchangedFilesKeepTheContext) {
  const auto reloader = Start(ReloadingServer());
  const auto before = reloader->Current(start_);
  EXPECT_EQ(reloader->Current(start_ + seconds(60)), before);
  EXPECT_TRUE(reloader->LastReload().ok());
}

TEST_F(TlsReloaderTest, BadFilesKeepTheLastGoodContextUntilTheyAreGoodAgain) {
  const auto reloader = Start(ReloadingServer());
  const auto before = reloader->Current(start_);
  const std::string old_key = Read(files_.server_key_file);
  Renew();
  const std::string new_key = Read(files_.server_key_file);
  static_cast<void>(Write("server.key", old_key));  // the renewal is half done
  EXPECT_EQ(reloader->Current(start_ + seconds(10)), before);
  EXPECT_FALSE(reloader->LastReload().ok());
  std::filesystem::remove(files_.server_key_file);
  EXPECT_EQ(reloader->Current(start_ + seconds(20)), before);
  EXPECT_FALSE(reloader->LastReload().ok());
  static_cast<void>(Write("server.key", new_key));
  const auto after = reloader->Current(start_ + seconds(30));
  EXPECT_NE(after, before);
  EXPECT_TRUE(Accepts(after.get()));
  EXPECT_TRUE(reloader->LastReload().ok());
}

TEST_F(TlsReloaderTest, IntervalOfZeroNeverLooksAgain) {
  const auto reloader = Start(Server());
  const auto before = reloader->Current(start_);
  Renew();
  EXPECT_EQ(reloader->Current(start_ + std::chrono::hours(1000)), before);
}

TEST_F(TlsReloaderTest, BadFilesAtTheStartAreAnError) {
  TlsServerOptions options = ReloadingServer();
  options.key_file = files_.client_key_file;
  EXPECT_FALSE(TlsReloader::Create(options, start_).ok());
  EXPECT_FALSE(TlsReloader::Create(TlsServerOptions{}, start_).ok());
}

TEST_F(TlsReloaderTest, ClientsFollowTheirAuthorityToo) {
  TlsClientOptions options = Client();
  options.reload_interval = seconds(10);
  const auto reloader = TlsReloader::Create(options, start_);
  ASSERT_TRUE(reloader.ok()) << reloader.status();
  Renew();
  const auto server = CreateTlsServerContext(Server());
  ASSERT_TRUE(server.ok());
  const auto old_context = (*reloader)->Current(start_);
  EXPECT_FALSE(Handshake(server->get(), old_context.get(), options).connected);
  const auto new_context = (*reloader)->Current(start_ + seconds(10));
  EXPECT_TRUE(Handshake(server->get(), new_context.get(), options).connected);
}

TEST_F(TlsReloaderTest, ManyThreadsMayAskAtOnce) {
  const auto reloader = Start(ReloadingServer());
  Renew();
  std::atomic<int> missing = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (reloader->Current(start_ + seconds(i)) == nullptr) ++missing;
        if (!reloader->LastReload().ok()) ++missing;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(missing, 0);
  EXPECT_TRUE(Accepts(reloader->Current(start_ + seconds(50)).get()));
}

}  // namespace
}  // namespace flameway
