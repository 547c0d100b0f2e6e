// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/feature_gates.h"

#include "gmock/gmock.h"

namespace flameway {
namespace {

using testing::ElementsAre;

TEST(FeatureGates, TheProfilesGateIsAcceptedSilently) {
  const FeatureGates gates = ParseFeatureGates("+service.profilesSupport");
  EXPECT_THAT(gates.enabled, ElementsAre("service.profilesSupport"));
  EXPECT_TRUE(gates.diagnostics.empty());
  EXPECT_TRUE(ParseFeatureGates("").diagnostics.empty());
}

TEST(FeatureGates, OtherGatesOfTheCollectorGiveANotice) {
  const FeatureGates gates = ParseFeatureGates("service.profilesSupport,-pdata.useProtoPooling");
  EXPECT_THAT(gates.disabled, ElementsAre("pdata.useProtoPooling"));
  ASSERT_EQ(gates.diagnostics.size(), 1U);
  EXPECT_EQ(CountErrors(gates.diagnostics), 0U);
}

TEST(FeatureGates, UnknownGatesAndUnsupportedOnesAreErrors) {
  const FeatureGates gates =
      ParseFeatureGates("+service.profileSupport,+confmap.enableMergeAppendOption");
  ASSERT_EQ(CountErrors(gates.diagnostics), 2U);
  EXPECT_EQ(gates.diagnostics[0].hint, "did you mean `service.profilesSupport`?");
}

}  // namespace
}  // namespace flameway
