// SPDX-License-Identifier: Apache-2.0
// stats, check and inspect.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/cli_fixture.h"
#include "tests/bridge/cli/sample_request.h"

namespace flameway {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class FileCommandsTest : public CliFixture {
 protected:
  static SampleRequest Broken() {
    SampleRequest request;
    request.profiles.push_back({{.function = "x", .timestamps = {1}, .stack_index = 99}});
    return request;
  }
  const std::string good_ = Write("good.otlp", EncodeSampleRequest({}));
  const std::string broken_ = Write("broken.otlp", EncodeSampleRequest(Broken()));
  const std::string garbage_ = Write("garbage.otlp", "\x0a\xff");
};

TEST_F(FileCommandsTest, StatsCountsAndSaysWhatMergingSaves) {
  ASSERT_EQ(Run({"stats", good_, good_}), ExitCode::kSuccess) << err_;
  EXPECT_THAT(out_, AllOf(StartsWith("requests     2\n"), HasSubstr("OTLP 1.10 (2)"),
                          HasSubstr("merged, then zstd-3")));
}

TEST_F(FileCommandsTest, StatsAsJsonHoldsTheSameNumbers) {
  ASSERT_EQ(Run({"stats", good_, good_, "-o", "json"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"requests\": 2"), HasSubstr("\"requests_refused\": 0"),
                          HasSubstr("\"merged\": {")));
  ASSERT_EQ(Run({"stats", good_, "-o", "ndjson"}), ExitCode::kSuccess);
  EXPECT_EQ(out_.find('\n'), out_.size() - 1);
}

TEST_F(FileCommandsTest, StatsCountsAlsoWhatWouldBeRefused) {
  ASSERT_EQ(Run({"stats", garbage_, good_, "--json"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"requests\": 2"), HasSubstr("\"requests_refused\": 1")));
  EXPECT_THAT(err_, HasSubstr("garbage.otlp: "));
}

TEST_F(FileCommandsTest, CheckSaysOkAndEndsWithSuccess) {
  EXPECT_EQ(Run({"check", good_}), ExitCode::kSuccess);
  EXPECT_THAT(out_, HasSubstr("good.otlp: ok  1 of 1 profiles, 1 of 1 samples"));
}

TEST_F(FileCommandsTest, CheckNamesFieldReasonAndAdvice) {
  EXPECT_EQ(Run({"check", broken_}), ExitCode::kNo);
  EXPECT_THAT(out_, AllOf(HasSubstr("broken.otlp: partly_refused"),
                          HasSubstr("resource_profiles[0].scope_profiles[0].profiles[1]: refused  "
                                    "index_out_of_range: refer to rows that exist")));
}

TEST_F(FileCommandsTest, CheckTellsTheOffsetOfDamage) {
  EXPECT_EQ(Run({"check", garbage_, "-o", "ndjson"}), ExitCode::kNo);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"verdict\":\"refused\""), HasSubstr("\"offset\":"),
                          HasSubstr("\"advice\":")));
}

TEST_F(FileCommandsTest, CheckAsJsonIsOneArray) {
  EXPECT_EQ(Run({"check", good_, broken_, "--json"}), ExitCode::kNo);
  EXPECT_THAT(out_, AllOf(StartsWith("[\n"), HasSubstr("\"verdict\": \"ok\""),
                          HasSubstr("\"index_out_of_range\": 1")));
}

TEST_F(FileCommandsTest, RepairsCountAsNoOnlyWhenStrict) {
  SampleRequest empty_sample;
  empty_sample.profiles.front().push_back({.function = "y", .timestamps = {}});
  const std::string file = Write("repaired.otlp", EncodeSampleRequest(empty_sample));
  EXPECT_EQ(Run({"check", file}), ExitCode::kSuccess) << out_;
  EXPECT_THAT(out_, HasSubstr("repaired  sample_empty x1"));
  EXPECT_EQ(Run({"check", file, "--strict"}), ExitCode::kNo);
}

TEST_F(FileCommandsTest, InspectShowsResolvedNames) {
  ASSERT_EQ(Run({"inspect", good_}), ExitCode::kSuccess) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("checkout"), HasSubstr("main")));
}

TEST_F(FileCommandsTest, InspectShowsOnlyWhatIsChosen) {
  SampleRequest request;
  request.profiles = {{{.function = "alpha"}}, {{.function = "beta"}, {.function = "gamma"}}};
  const std::string file = Write("two.otlp", EncodeSampleRequest(request));
  ASSERT_EQ(Run({"inspect", file, "--profile", "1", "--sample", "0"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(HasSubstr("beta"), Not(HasSubstr("alpha")), Not(HasSubstr("gamma"))));
  EXPECT_EQ(Run({"inspect", file, "--profile", "7"}), ExitCode::kNo);
}

TEST_F(FileCommandsTest, InspectAsJsonIsOneArrayAndAsNdjsonALineEach) {
  ASSERT_EQ(Run({"inspect", good_, good_, "--json"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(StartsWith("[\n{"), HasSubstr("},\n{"), EndsWith("}\n]\n")));
  const std::string array = out_;
  ASSERT_EQ(Run({"inspect", good_, good_, "-o", "yaml"}), ExitCode::kSuccess);
  EXPECT_EQ(out_, array);
  ASSERT_EQ(Run({"inspect", good_, good_, "-o", "ndjson"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(StartsWith("{"), HasSubstr("}\n{"), EndsWith("}\n")));
}

TEST_F(FileCommandsTest, CheckAsYamlIsNotMeantForHumans) {
  EXPECT_EQ(Run({"check", good_, "-o", "yaml"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(StartsWith("[\n"), HasSubstr("\"verdict\": \"ok\"")));
}

TEST_F(FileCommandsTest, InspectShowsTheDictionary) {
  ASSERT_EQ(Run({"inspect", good_, "--dict"}), ExitCode::kSuccess);
  EXPECT_THAT(out_, AllOf(HasSubstr("string_table\n       0 \"\"\n       1 \"main\"\n"),
                          HasSubstr("function_table\n       0\n       1 name=\"main\"\n"),
                          HasSubstr("stack_table\n       0\n       1 locations=[1]\n")));
}

}  // namespace
}  // namespace flameway
