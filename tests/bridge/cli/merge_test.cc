// SPDX-License-Identifier: Apache-2.0
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
using ::testing::StartsWith;

const SampleRequest kOne{.profiles = {{{.function = "a"}, {.function = "b"}}}};
const SampleRequest kTwo{.profiles = {{{.function = "b"}, {.function = "c"}}},
                         .reversed_strings = true};

class MergeTest : public CliFixture {
 protected:
  MessageStats StatsOf(const std::string& name) {
    MessageStats stats;
    stats.Add(Read(name), Dialect::kV1_10);
    return stats;
  }
  const std::string one_ = Write("one.otlp", EncodeSampleRequest(kOne));
  const std::string two_ = Write("two.otlp", EncodeSampleRequest(kTwo));
  const std::string out_file_ = Path("out.otlp");
};

TEST_F(MergeTest, FoldsManyRequestsIntoOneBareMessage) {
  ASSERT_EQ(Run({"merge", one_, two_, "-O", out_file_}), ExitCode::kSuccess) << err_;
  const MessageStats stats = StatsOf("out.otlp");
  EXPECT_EQ(stats.damaged, 0u);
  EXPECT_EQ(stats.table(StatsTable::kProfiles).rows, 1u);
  EXPECT_EQ(stats.table(StatsTable::kSamples).rows, 3u);  // b is in both
  EXPECT_EQ(stats.timestamps, 4u);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("2 requests -> 1 messages, 2 -> 1 profiles, 4 -> 3 samples"));
}

TEST_F(MergeTest, MergingTheResultAgainChangesNoByteWhateverTheOrderOfArrival) {
  // The third request adds to the profile that the first one began, so "late" arrives after
  // "other" but stands before it.
  const auto file = [this](const std::string& service, const std::string& function) {
    return Write(function,
                 EncodeSampleRequest({.service = service, .profiles = {{{.function = function}}}}));
  };
  ASSERT_EQ(
      Run({"merge", file("x", "early"), file("y", "other"), file("x", "late"), "-O", out_file_}),
      ExitCode::kSuccess);
  EXPECT_EQ(StatsOf("out.otlp").table(StatsTable::kProfiles).rows, 2u);
  ASSERT_EQ(Run({"merge", out_file_, "-O", Path("again.otlp")}), ExitCode::kSuccess);
  EXPECT_EQ(Read("again.otlp"), Read("out.otlp"));
}

TEST_F(MergeTest, GroupsWriteARecordEach) {
  ASSERT_EQ(Run({"merge", one_, two_, one_, "--group", "2", "-O", out_file_}), ExitCode::kSuccess);
  const std::string content = Read("out.otlp");
  RecordCursor cursor(content, DetectFraming(content).value());
  EXPECT_TRUE(cursor.Next().value().has_value());
  EXPECT_TRUE(cursor.Next().value().has_value());
  EXPECT_FALSE(cursor.Next().value().has_value());
}

TEST_F(MergeTest, FramingCanBeAskedFor) {
  ASSERT_EQ(Run({"merge", one_, "--framing", "length-prefixed", "-O", out_file_}),
            ExitCode::kSuccess);
  EXPECT_EQ(DetectFraming(Read("out.otlp")).value(), Framing::kLengthPrefixed);
  EXPECT_EQ(Run({"merge", one_, two_, "--k", "1", "--framing", "bare", "-O", Path("no")}),
            ExitCode::kCannotCreate);
  EXPECT_FALSE(Exists("no"));
}

TEST_F(MergeTest, SplitsToTheBoundThatIsAskedFor) {
  SampleRequest wide;
  wide.profiles.clear();
  for (char name = 'a'; name <= 'z'; ++name) {
    wide.profiles.push_back({{.function = std::string(50, name)}});
  }
  const std::string file = Write("wide.otlp", EncodeSampleRequest(wide));
  ASSERT_EQ(
      Run({"merge", file, "--coalesce", "never", "--max-message-bytes", "1KiB", "-O", out_file_}),
      ExitCode::kSuccess)
      << err_;
  const std::string content = Read("out.otlp");
  ASSERT_EQ(DetectFraming(content).value(), Framing::kLengthPrefixed);
  RecordCursor cursor(content, Framing::kLengthPrefixed);
  MessageStats stats;
  for (auto record = cursor.Next(); record->has_value(); record = cursor.Next()) {
    EXPECT_LE((*record)->size(), 1024u);
    stats.Add(**record, Dialect::kV1_10);
  }
  EXPECT_GT(stats.messages, 1u);
  EXPECT_EQ(stats.table(StatsTable::kSamples).rows, 26u);
}

TEST_F(MergeTest, CompressesByFlagOrByName) {
  ASSERT_EQ(Run({"merge", one_, "-O", Path("a.zst")}), ExitCode::kSuccess);
  EXPECT_THAT(Read("a.zst"), StartsWith("\x28\xb5\x2f\xfd"));
  ASSERT_EQ(Run({"merge", one_, "-O", Path("a.gz")}), ExitCode::kSuccess);
  EXPECT_THAT(Read("a.gz"), StartsWith("\x1f\x8b"));
  ASSERT_EQ(Run({"merge", one_, "--compress", "none", "-O", Path("b.zst")}), ExitCode::kSuccess);
  EXPECT_EQ(DetectFraming(Read("b.zst")).value(), Framing::kBare);
  ASSERT_EQ(Run({"merge", Path("a.zst"), "-O", Path("c")}), ExitCode::kSuccess);
  EXPECT_EQ(Read("c"), Read("b.zst"));
}

TEST_F(MergeTest, AnUndecodableInputLeavesNothingUnlessToldToGoOn) {
  const std::string bad = Write("bad.otlp", "\x0a\xff");
  EXPECT_EQ(Run({"merge", one_, bad, two_, "-O", out_file_}), ExitCode::kUndecodable);
  EXPECT_FALSE(Exists("out.otlp"));
  EXPECT_THAT(err_, HasSubstr("bad.otlp: "));
  EXPECT_EQ(Run({"merge", one_, bad, two_, "--keep-going", "-O", out_file_}),
            ExitCode::kUndecodable);
  EXPECT_EQ(StatsOf("out.otlp").table(StatsTable::kSamples).rows, 3u);
}

TEST_F(MergeTest, ABadProfileIsLeftOutAndNamed) {
  SampleRequest mixed = kOne;
  mixed.profiles.push_back({{.function = "x", .timestamps = {1}, .stack_index = 99}});
  ASSERT_EQ(Run({"merge", Write("mixed.otlp", EncodeSampleRequest(mixed)), "-O", out_file_}),
            ExitCode::kSuccess);
  EXPECT_THAT(err_, HasSubstr("resource_profiles[0].scope_profiles[0].profiles[1]: "
                              "index_out_of_range"));
  EXPECT_EQ(StatsOf("out.otlp").table(StatsTable::kSamples).rows, 2u);
}

TEST_F(MergeTest, AMissingInputAndAnImpossibleOutputHaveCodesOfTheirOwn) {
  EXPECT_EQ(Run({"merge", Path("missing"), "-O", out_file_}), ExitCode::kNoInput);
  EXPECT_EQ(Run({"merge", one_, "-O", Path("no/such/folder/x")}), ExitCode::kCannotCreate);
  EXPECT_EQ(Run({"merge", one_}), ExitCode::kUsage);
}

TEST_F(MergeTest, WritesToStandardOutput) {
  ASSERT_EQ(Run({"merge", "-", "-O", "-"}, EncodeSampleRequest(kOne)), ExitCode::kSuccess);
  EXPECT_EQ(DetectFraming(out_).value(), Framing::kBare);
  EXPECT_GT(out_.size(), 0u);
}

TEST_F(MergeTest, ReplacesAnOldOutputAndLeavesNoOtherFile) {
  Write("out.otlp", "old");
  ASSERT_EQ(Run({"merge", one_, "-O", out_file_}), ExitCode::kSuccess);
  EXPECT_NE(Read("out.otlp"), "old");
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 3u);
}

}  // namespace
}  // namespace flameway
