// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/nearest_name.h"

#include <vector>

#include "gtest/gtest.h"

namespace flameway {
namespace {

const std::vector<std::string> kKeys = {"endpoint", "tls", "timeout", "sending_queue"};

TEST(NearestName, FindsTheNameMeant) {
  EXPECT_EQ(NearestName("endpont", kKeys), "endpoint");
  EXPECT_EQ(NearestName("enpdoint", kKeys), "endpoint");
  EXPECT_EQ(NearestName("sending-queue", kKeys), "sending_queue");
  EXPECT_EQ(NearestName("Timeout", kKeys), "timeout");
  EXPECT_EQ(NearestName("tsl", kKeys), "tls");
}

TEST(NearestName, KeepsSilentWhenNothingIsNear) {
  EXPECT_EQ(NearestName("retry", kKeys), "");
  EXPECT_EQ(NearestName("", kKeys), "");
  EXPECT_EQ(NearestName(std::string(10'000, 'e'), kKeys), "");
  EXPECT_EQ(DidYouMean("x", kKeys), "");
}

}  // namespace
}  // namespace flameway
