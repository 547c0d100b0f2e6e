// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/endpoint_text.h"

#include "gtest/gtest.h"

namespace flameway {
namespace {

TEST(EndpointText, SplitsTheFormsPeopleWrite) {
  EXPECT_EQ(SplitEndpoint("localhost:4317")->port, 4317);
  EXPECT_EQ(SplitEndpoint(":4317")->host, "");
  EXPECT_EQ(SplitEndpoint("[::1]:80")->host, "::1");
  EXPECT_EQ(SplitEndpoint("https://host/otlp?x")->path, "/otlp?x");
  EXPECT_FALSE(SplitEndpoint("https://host")->has_port);
  EXPECT_EQ(SplitEndpoint("dns:///a.b:1")->host, "a.b");
  EXPECT_EQ(SplitEndpoint("unix:///run/x")->path, "/run/x");
  EXPECT_EQ(SplitEndpoint("unix:x")->path, "x");
}

TEST(EndpointText, RefusesTheRest) {
  for (const char* text : {"", "::1:80", "host:", "host:x", "host:65536", "host:-1", "ftp://host:1",
                           "a b:1", "dns://8.8.8.8/host:1", "http://", "http://:80",
                           "unix:", "user@host:1", "[::1:80", "host:80/path", "host:1:2"}) {
    EXPECT_FALSE(SplitEndpoint(text).has_value()) << text;
  }
}

TEST(EndpointText, KnowsWhichListenersCollide) {
  const auto same = [](const char* a, const char* b) {
    return SameListener(*SplitEndpoint(a), *SplitEndpoint(b));
  };
  EXPECT_TRUE(same("localhost:1", "127.0.0.1:1"));
  EXPECT_TRUE(same("0.0.0.0:1", "10.0.0.1:1"));
  EXPECT_TRUE(same("unix:/a", "unix:///a"));
  EXPECT_FALSE(same("localhost:0", "localhost:0"));
  EXPECT_FALSE(same("localhost:1", "localhost:2"));
  EXPECT_FALSE(same("10.0.0.1:1", "10.0.0.2:1"));
}

}  // namespace
}  // namespace flameway
