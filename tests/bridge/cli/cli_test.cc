// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/cli.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/cli_fixture.h"
#include "tests/bridge/cli/sample_request.h"

namespace flameway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CliTest : public CliFixture {};

TEST_F(CliTest, NothingToDoIsWrongUsage) {
  EXPECT_EQ(Run({}), ExitCode::kUsage);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("Usage"));
}

TEST_F(CliTest, HelpIsAnAnswer) {
  EXPECT_EQ(Run({"--help"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, HasSubstr("merge"));
  EXPECT_EQ(Run({"merge", "--help"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, HasSubstr("--group"));
}

TEST_F(CliTest, AnUnknownCommandGetsTheNearestOneNamed) {
  EXPECT_EQ(Run({"validat"}), ExitCode::kUsage);
  EXPECT_THAT(err_, StartsWith("error: unknown command `validat`; did you mean `validate`?\n"));
  EXPECT_EQ(Run({"frobnicate"}), ExitCode::kUsage);
  EXPECT_THAT(err_, StartsWith("error: unknown command `frobnicate`\n"));
}

TEST_F(CliTest, EveryMachineFormatOfTheVersionIsJson) {
  for (const char* format : {"json", "ndjson", "yaml"}) {
    EXPECT_EQ(Run({"version", "-o", format}), ExitCode::kSuccess);
    EXPECT_THAT(out_, StartsWith("{\"version\":"));
  }
}

TEST_F(CliTest, UnknownCommandsFlagsAndWordsAreWrongUsage) {
  EXPECT_EQ(Run({"frobnicate"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"version", "--nope"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"version", "-o", "xml"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"stats"}), ExitCode::kUsage);
  EXPECT_THAT(err_, StartsWith("error: "));
}

TEST_F(CliTest, VersionIsOneLineOrOneObject) {
  EXPECT_EQ(Run({"--version"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, StartsWith("flameway "));
  const std::string line = out_;
  EXPECT_EQ(Run({"version"}), ExitCode::kSuccess);
  EXPECT_EQ(out_, line);
  EXPECT_EQ(Run({"version", "-o", "json"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, StartsWith("{\"version\":\""));
}

TEST_F(CliTest, GlobalFlagsStandBeforeOrAfterTheCommand) {
  EXPECT_EQ(Run({"--json", "version"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, StartsWith("{"));
}

TEST_F(CliTest, ColorsFollowFlagsThenTheEnvironment) {
  const std::string file = Write("a.otlp", EncodeSampleRequest({}));
  Run({"check", file});
  EXPECT_THAT(out_, Not(HasSubstr("\x1b[")));
  Run({"check", file, "--color", "always"});
  EXPECT_THAT(out_, HasSubstr("\x1b["));
  env_["CLICOLOR_FORCE"] = "1";
  Run({"check", file});
  EXPECT_THAT(out_, HasSubstr("\x1b["));
  Run({"check", file, "--json"});
  EXPECT_THAT(out_, Not(HasSubstr("\x1b[")));
  env_["NO_COLOR"] = "1";
  Run({"check", file});
  EXPECT_THAT(out_, Not(HasSubstr("\x1b[")));
}

TEST_F(CliTest, QuietLeavesErrorsOnly) {
  const std::string file = Write("a.otlp", EncodeSampleRequest({}));
  Run({"check", file, "-q"});
  EXPECT_EQ(err_, "");
  EXPECT_EQ(Run({"check", "-q", Path("missing")}), ExitCode::kNoInput);
  EXPECT_THAT(err_, StartsWith("error: "));
}

}  // namespace
}  // namespace flameway
