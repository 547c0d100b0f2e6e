// SPDX-License-Identifier: Apache-2.0
#include "bridge/tls/pem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/bridge/tls/tls_fixture.h"

namespace flameway {
namespace {

using testing::HasSubstr;

class PemTest : public TlsFixture {
 protected:
  template <typename Options>
  static std::string ErrorOf(const Options& options) {
    return std::string(LoadPem(options).status().message());
  }
};

TEST_F(PemTest, ServerFilesComeBackAsTheyStand) {
  TlsServerOptions options = Server();
  options.client_ca_file = files_.ca_file;
  const auto bundle = LoadPem(options);
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->certificate_chain, Read(files_.server_cert_file));
  EXPECT_EQ(bundle->private_key, Read(files_.server_key_file));
  EXPECT_EQ(bundle->authorities, Read(files_.ca_file));
}

TEST_F(PemTest, TextInTheConfigurationEqualsTheFile) {
  TlsClientOptions by_text;
  by_text.ca_pem = Read(files_.ca_file);
  by_text.cert_pem = Read(files_.client_cert_file);
  by_text.key_pem = Read(files_.client_key_file);
  TlsClientOptions by_file;
  by_file.ca_file = files_.ca_file;
  by_file.cert_file = files_.client_cert_file;
  by_file.key_file = files_.client_key_file;
  const auto from_text = LoadPem(by_text);
  const auto from_file = LoadPem(by_file);
  ASSERT_TRUE(from_text.ok() && from_file.ok());
  EXPECT_EQ(*from_text, *from_file);
}

TEST_F(PemTest, ClientWithoutAnyOptionHasNoText) {
  const auto bundle = LoadPem(TlsClientOptions{});
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ(*bundle, PemBundle{});
}

TEST_F(PemTest, FileAndTextExcludeEachOther) {
  TlsClientOptions options = Client();
  options.ca_pem = Read(files_.ca_file);
  EXPECT_THAT(ErrorOf(options), HasSubstr("ca_file and ca_pem exclude each other"));
}

TEST_F(PemTest, CertificateAndKeyNeedEachOther) {
  TlsClientOptions options = Client();
  options.cert_file = files_.client_cert_file;
  EXPECT_THAT(ErrorOf(options), HasSubstr("neither key_file nor key_pem"));
  options.cert_file.clear();
  options.key_file = files_.client_key_file;
  EXPECT_THAT(ErrorOf(options), HasSubstr("neither cert_file nor cert_pem"));
}

TEST_F(PemTest, ServerWithoutCertificateIsRefused) {
  EXPECT_THAT(ErrorOf(TlsServerOptions{}), HasSubstr("a server needs cert_file and key_file"));
}

TEST_F(PemTest, UnreadableFileIsNamedWithItsOptionAndReason) {
  TlsServerOptions options = Server();
  options.key_file = (folder_ / "absent.key").string();
  EXPECT_EQ(ErrorOf(options),
            "tls: key_file \"" + options.key_file + "\": No such file or directory");
  options.key_file = folder_.string();
  EXPECT_THAT(ErrorOf(options), HasSubstr("Is a directory"));
  options.key_file = Write("empty.key", "");
  EXPECT_THAT(ErrorOf(options), HasSubstr("the file is empty"));
  options.key_file = "/dev/zero";
  EXPECT_THAT(ErrorOf(options), HasSubstr("too large"));
}

TEST_F(PemTest, UnreadableClientAuthorityIsNamed) {
  TlsServerOptions options = Server();
  options.client_ca_file = "/nowhere/ca.pem";
  EXPECT_THAT(ErrorOf(options), HasSubstr("client_ca_file \"/nowhere/ca.pem\": No such file"));
}

}  // namespace
}  // namespace flameway
