// SPDX-License-Identifier: Apache-2.0
// `merge -c` and `run --input`: a pipeline's transforms over files.
#include <string>

#include "bridge/cli/message_framing.h"
#include "bridge/cli/message_stats.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/cli_fixture.h"
#include "tests/bridge/cli/sample_request.h"

namespace flameway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TransformCommandsTest : public CliFixture {
 protected:
  static std::string Config(const std::string& processors, const std::string& pipelines) {
    return "receivers: {otlp: {protocols: {grpc: {endpoint: \"127.0.0.1:0\"}}}}\n"
           "exporters: {nop: {}}\n"
           "processors:\n" +
           processors + "service: {pipelines: {" + pipelines + "}}\n";
  }
  static std::string Pipeline(const std::string& id, const std::string& processors) {
    return id + ": {receivers: [otlp], exporters: [nop], processors: [" + processors + "]}";
  }
  MessageStats StatsOf(const std::string& content) {
    MessageStats stats;
    stats.Add(content, Dialect::kV1_10);
    return stats;
  }
  uint64_t Profiles(const std::string& content) {
    return StatsOf(content).table(StatsTable::kProfiles).rows;
  }

  const std::string noisy_ = Write(
      "noisy.otlp", EncodeSampleRequest({.service = "noisy", .profiles = {{{.function = "a"}}}}));
  const std::string shop_ = Write(
      "shop.otlp", EncodeSampleRequest({.service = "shop", .profiles = {{{.function = "b"}}}}));
  const std::string filter_ =
      "  filter: {profile_conditions: ['resource.attributes[\"service.name\"] == \"noisy\"']}\n";
  const std::string config_ =
      Write("gateway.yaml", Config(filter_, Pipeline("profiles", "filter")));
  const std::string two_ =
      Write("two.yaml", Config(filter_ + "  batch: {send_batch_size: 1, send_batch_max_size: 1}\n",
                               Pipeline("profiles/all", "batch") + ", " +
                                   Pipeline("profiles/some", "filter, batch")));
  const std::string out_file_ = Path("out.otlp");
};

TEST_F(TransformCommandsTest, MergeAppliesThePipelinesTransforms) {
  ASSERT_EQ(Run({"merge", "-c", config_, noisy_, shop_, "-O", out_file_}), ExitCode::kSuccess)
      << err_;
  EXPECT_EQ(Profiles(Read("out.otlp")), 1U);
  EXPECT_THAT(Read("out.otlp"), Not(HasSubstr("noisy")));
  EXPECT_THAT(err_, HasSubstr("removed by transforms: 1 profiles, 1 samples"));
}

TEST_F(TransformCommandsTest, MergeSaysWhatItRemovedInNumbersToo) {
  ASSERT_EQ(Run({"merge", "--json", "-c", config_, noisy_, shop_, "-O", out_file_}),
            ExitCode::kSuccess);
  EXPECT_THAT(err_, HasSubstr("\"profiles_filtered\":1"));
  EXPECT_THAT(err_, HasSubstr("\"samples_filtered\":1"));
}

TEST_F(TransformCommandsTest, MergeTransformsOnlyWhenItIsAskedTo) {
  env_["FLAMEWAY_CONFIG"] = config_;
  ASSERT_EQ(Run({"merge", noisy_, shop_, "-O", out_file_}), ExitCode::kSuccess);
  EXPECT_EQ(Profiles(Read("out.otlp")), 2U);
  EXPECT_EQ(Run({"merge", noisy_, "--pipeline", "profiles", "-O", Path("no")}), ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("--pipeline needs --config"));
}

TEST_F(TransformCommandsTest, OfSeveralPipelinesOneMustBeNamed) {
  EXPECT_EQ(Run({"merge", "-c", two_, noisy_, "-O", out_file_}), ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("profiles/all, profiles/some"));
  EXPECT_EQ(Run({"merge", "-c", two_, "--pipeline", "profiles/som", noisy_, "-O", out_file_}),
            ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("did you mean `profiles/some`?"));
  EXPECT_FALSE(Exists("out.otlp"));
  ASSERT_EQ(
      Run({"merge", "-c", two_, "--pipeline", "profiles/some", noisy_, shop_, "-O", out_file_}),
      ExitCode::kSuccess);
  EXPECT_EQ(Profiles(Read("out.otlp")), 1U);
}

TEST_F(TransformCommandsTest, AWrongStatementIsShownWhereItStandsAndNothingIsWritten) {
  const std::string bad =
      Write("bad.yaml", Config("  transform:\n    profile_statements:\n"
                               "      - set(resource.attributes[\"a\"], Foo(1))\n"
                               "      - sett(resource.attributes[\"a\"], 1)\n",
                               Pipeline("profiles", "transform")));
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"merge", noisy_, "-O", out_file_},
        std::vector<std::string>{"run", "--input", noisy_, "--output", out_file_},
        std::vector<std::string>{"validate", "--no-environment"}}) {
    std::vector<std::string> args = command;
    args.insert(args.end(), {"-c", bad});
    EXPECT_EQ(Run(args), ExitCode::kBadConfig);
    EXPECT_THAT(err_, HasSubstr("bad.yaml:6:39"));
    EXPECT_THAT(err_, HasSubstr("bad.yaml:7:9"));
    EXPECT_THAT(err_, HasSubstr("Foo"));
  }
  EXPECT_FALSE(Exists("out.otlp"));
}

TEST_F(TransformCommandsTest, FailuresOnRowsAreTold) {
  const std::string failing = Write(
      "failing.yaml", Config("  transform: {profile_statements: ['set(resource.attributes[\"a\"], "
                             "Substring(resource.attributes[\"service.name\"], 0, 99))']}\n",
                             Pipeline("profiles", "transform")));
  ASSERT_EQ(Run({"merge", "-c", failing, shop_, "-O", out_file_}), ExitCode::kSuccess);
  EXPECT_THAT(err_, HasSubstr("failed on a row: 1; first: "));
  ASSERT_EQ(Run({"run", "-c", failing, "--input", shop_, "--output", out_file_}),
            ExitCode::kSuccess);
  EXPECT_THAT(err_, HasSubstr("failed on a row: 1"));
}

TEST_F(TransformCommandsTest, RunPassesFilesThroughThePipeline) {
  ASSERT_EQ(Run({"run", "-c", config_, "--input", noisy_, "--input", shop_, "--output", out_file_}),
            ExitCode::kSuccess)
      << err_;
  EXPECT_EQ(Profiles(Read("out.otlp")), 1U);
  EXPECT_THAT(err_, HasSubstr("2 requests -> 1 messages; profiles: 2 received, 0 refused, 1 "
                              "filtered, 1 written in 1 samples"));
  EXPECT_EQ(out_, "");
  ASSERT_EQ(Run({"run", "-c", config_, "--input", shop_, "--output", "-"}), ExitCode::kSuccess);
  EXPECT_EQ(out_, Read("out.otlp"));
  ASSERT_EQ(Run({"run", "-c", config_, "--input", "-", "--output", "-"},
                EncodeSampleRequest({.service = "shop", .profiles = {{{.function = "b"}}}})),
            ExitCode::kSuccess);
  EXPECT_EQ(out_, Read("out.otlp"));
}

TEST_F(TransformCommandsTest, RunBatchesAsThePipelineDoes) {
  const std::string many =
      Write("many.otlp", EncodeSampleRequest({.profiles = {{{.function = "a"}, {.function = "b"}},
                                                           {{.function = "c"}}}}));
  ASSERT_EQ(Run({"run", "-c", two_, "--pipeline", "profiles/all", "--input", many, "--output",
                 out_file_}),
            ExitCode::kSuccess)
      << err_;
  const std::string content = Read("out.otlp");
  RecordCursor cursor(content, DetectFraming(content).value());
  int messages = 0;
  while (cursor.Next()->has_value()) ++messages;
  EXPECT_EQ(messages, 3);  // of one sample each
}

TEST_F(TransformCommandsTest, RunOverFilesSaysWhatWasRefusedAndWritesTheRest) {
  const std::string damaged = Write("damaged.otlp", "\x0a\x7f");
  EXPECT_EQ(
      Run({"run", "-c", config_, "--input", damaged, "--input", shop_, "--output", out_file_}),
      ExitCode::kUndecodable);
  EXPECT_THAT(err_, HasSubstr("damaged.otlp"));
  EXPECT_EQ(Profiles(Read("out.otlp")), 1U);
  EXPECT_EQ(Run({"run", "-c", config_, "--input", Path("none"), "--output", out_file_}),
            ExitCode::kNoInput);
}

TEST_F(TransformCommandsTest, RunNeedsInputAndOutputTogether) {
  EXPECT_EQ(Run({"run", "-c", config_, "--input", shop_}), ExitCode::kUsage);
  EXPECT_EQ(Run({"run", "-c", config_, "--output", out_file_}), ExitCode::kUsage);
  EXPECT_EQ(Run({"run", "-c", config_, "--pipeline", "profiles"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace flameway
