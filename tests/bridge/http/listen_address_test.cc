// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/listen_address.h"

#include <gtest/gtest.h>

namespace flameway {
namespace {

TEST(ListenAddressTest, ReadsHostAndPort) {
  EXPECT_EQ(ParseListenAddress("localhost:4318")->host, "localhost");
  EXPECT_EQ(ParseListenAddress("localhost:4318")->port, "4318");
  EXPECT_EQ(ParseListenAddress(":0")->host, "");
  EXPECT_EQ(ParseListenAddress("[::1]:65535")->host, "::1");
}

TEST(ListenAddressTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "localhost", "localhost:", "localhost:65536", "localhost:-1",
                           "localhost:http", "::1:80", "[::1:80", "[]:80", "a:1 "}) {
    EXPECT_FALSE(ParseListenAddress(text).ok()) << text;
  }
}

}  // namespace
}  // namespace flameway
