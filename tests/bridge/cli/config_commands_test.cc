// SPDX-License-Identifier: Apache-2.0
// validate, print-config and components.
#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/cli_fixture.h"

namespace flameway {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kGateway[] = R"(
receivers: {otlp: {protocols: {grpc: }}}
exporters: {otlp_grpc: {endpoint: "backend:4317", headers: {authorization: secret-token}}}
service: {pipelines: {profiles: {receivers: [otlp], exporters: [otlp_grpc]}}}
)";

class ConfigCommandsTest : public CliFixture {
 protected:
  const std::string good_ = Write("good.yaml", kGateway);
};

TEST_F(ConfigCommandsTest, AGoodConfigurationIsValid) {
  EXPECT_EQ(Run({"validate", "--config", good_}), ExitCode::kSuccess) << err_;
  EXPECT_EQ(out_, "");
  EXPECT_EQ(Run({"validate", "-c", good_, "-o", "json"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, HasSubstr("\"valid\": true"));
}

TEST_F(ConfigCommandsTest, AllFindingsAreShownAtOnce) {
  EXPECT_EQ(Run({"validate", "-c", good_, "--set", "exporters.otlp_grpc.endpont=x", "--set",
                 "exporters.otlp_grpc.timeout=never"}),
            ExitCode::kBadConfig);
  EXPECT_THAT(err_, AllOf(HasSubstr("endpont"), HasSubstr("did you mean `endpoint`?"),
                          HasSubstr("timeout")));
}

TEST_F(ConfigCommandsTest, FindingsCanBeJson) {
  EXPECT_EQ(Run({"validate", "--json", "-c", good_, "--set", "receivers.otlp.protocls=x"}),
            ExitCode::kBadConfig);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"valid\": false"), HasSubstr("\"code\": \"E0")));
}

TEST_F(ConfigCommandsTest, AMissingFileIsAConfigurationError) {
  EXPECT_EQ(Run({"validate", "-c", Path("missing.yaml")}), ExitCode::kBadConfig);
  EXPECT_THAT(err_, HasSubstr("missing.yaml"));
}

TEST_F(ConfigCommandsTest, TheEnvironmentNamesTheConfigurationWhenNoFlagDoes) {
  env_["FLAMEWAY_CONFIG"] = Path("missing.yaml");
  EXPECT_EQ(Run({"validate"}), ExitCode::kBadConfig);
  EXPECT_EQ(Run({"validate", "-c", good_}), ExitCode::kSuccess);
}

TEST_F(ConfigCommandsTest, TheCollectorsGateForProfilesIsTakenSilently) {
  EXPECT_EQ(Run({"validate", "-c", good_, "--feature-gates=+service.profilesSupport"}),
            ExitCode::kSuccess);
  EXPECT_EQ(err_, "configuration is valid\n");
}

TEST_F(ConfigCommandsTest, PrintConfigHidesSecretsUnlessAsked) {
  ASSERT_EQ(Run({"print-config", "-c", good_}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(HasSubstr("backend:4317"), Not(HasSubstr("secret-token"))));
  ASSERT_EQ(Run({"print-config", "-c", good_, "--mode", "unredacted"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, HasSubstr("secret-token"));
  EXPECT_EQ(Run({"print-config", "-c", Path("missing")}), ExitCode::kBadConfig);
  EXPECT_EQ(out_, "");
}

TEST_F(ConfigCommandsTest, PrintConfigPrintsTheSameAgain) {
  ASSERT_EQ(Run({"print-config", "-c", good_, "--mode", "unredacted"}), ExitCode::kSuccess);
  const std::string first = out_;
  Write("again.yaml", first);
  ASSERT_EQ(Run({"print-config", "-c", Path("again.yaml"), "--mode", "unredacted"}),
            ExitCode::kSuccess);
  EXPECT_EQ(out_, first);
}

TEST_F(ConfigCommandsTest, PrintConfigAsNdjsonIsOneLine) {
  ASSERT_EQ(Run({"print-config", "-c", good_, "-o", "ndjson"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(StartsWith("{"), EndsWith("}\n")));
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 1);
}

TEST_F(ConfigCommandsTest, ComponentsAreListedByKind) {
  ASSERT_EQ(Run({"components"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(HasSubstr("receivers:\n  - name: otlp\n    stability:\n      profiles: "),
                          HasSubstr("exporters:\n")));
  ASSERT_EQ(Run({"components", "exporters", "--json"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"name\": \"otlp_grpc\""), Not(HasSubstr("receivers"))));
  EXPECT_EQ(Run({"components", "gadgets"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace flameway
