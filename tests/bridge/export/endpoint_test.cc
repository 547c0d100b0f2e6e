// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/endpoint.h"

#include <gtest/gtest.h>

#include <string>

namespace flameway {
namespace {

Endpoint Parsed(const std::string& text) {
  const auto endpoint = ParseEndpoint(text);
  EXPECT_TRUE(endpoint.ok()) << text << ": " << endpoint.status();
  return endpoint.ok() ? *endpoint : Endpoint{};
}

TEST(EndpointTest, HostAndPortLeaveTheSecurityToTheTlsBlock) {
  const Endpoint endpoint = Parsed("collector:4317");
  EXPECT_EQ(endpoint.host, "collector");
  EXPECT_EQ(endpoint.port, "4317");
  EXPECT_EQ(endpoint.security, Endpoint::Security::kUnstated);
  EXPECT_EQ(endpoint.Authority(), "collector:4317");
}

TEST(EndpointTest, SchemesDecideTheSecurityAndGiveDefaultPorts) {
  EXPECT_EQ(Parsed("http://a:1").security, Endpoint::Security::kClearText);
  EXPECT_EQ(Parsed("HTTPS://a:1").security, Endpoint::Security::kTls);
  EXPECT_EQ(Parsed("https://a").port, "443");
  EXPECT_EQ(Parsed("http://a/").port, "80");
  EXPECT_EQ(Parsed("dns:///a:4317").security, Endpoint::Security::kUnstated);
  EXPECT_EQ(Parsed("dns:///a:4317").host, "a");
}

TEST(EndpointTest, AddressesOfVersionSixStandInBrackets) {
  const Endpoint endpoint = Parsed("[::1]:4317");
  EXPECT_EQ(endpoint.host, "::1");
  EXPECT_EQ(endpoint.Authority(), "[::1]:4317");
  EXPECT_FALSE(ParseEndpoint("::1:4317").ok());
}

TEST(EndpointTest, UnixSocketsHaveAPathAndTheAuthorityLocalhost) {
  const Endpoint endpoint = Parsed("unix:///run/collector.sock");
  EXPECT_EQ(endpoint.family, Endpoint::Family::kUnix);
  EXPECT_EQ(endpoint.path, "/run/collector.sock");
  EXPECT_EQ(endpoint.Authority(), "localhost");
  EXPECT_EQ(Parsed("unix:relative").path, "relative");
}

TEST(EndpointTest, RefusesWhatIsNotAnEndpoint) {
  for (const std::string bad :
       {"", ":4317", "host", "host:", "host:0", "host:65536", "host:http", "host:43 17",
        "ftp://host:1", "http://host:1/path", "http://user@host:1", "[::1:4317", "[::1]4317",
        "unix:", "dns:///"}) {
    EXPECT_FALSE(ParseEndpoint(bad).ok()) << bad;
  }
  EXPECT_FALSE(ParseEndpoint("unix:" + std::string(108, 'x')).ok());
}

}  // namespace
}  // namespace flameway
