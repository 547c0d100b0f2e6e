// SPDX-License-Identifier: Apache-2.0
// Merging is unobservable: whatever comes in, in whatever wire form, order and grouping, the
// expansion of what goes out is the expansion of what came in, and the output keeps every rule of
// the format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/processor/core_fixture.h"
#include "tests/processor/joined.h"
#include "tests/processor/merge_agreement.h"
#include "tests/support/corpus.h"
#include "tests/support/renumber.h"
#include "tests/support/request_generator.h"
#include "tests/support/well_formed.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

using testing::IsEmpty;

struct Story {
  std::vector<schema::ExportProfilesServiceRequest> requests;
  std::vector<std::string> wire;  // the same, as a sender might lay them out
};

Story Generate(const RequestGeneratorOptions& options, int count) {
  Story story{.requests = RequestGenerator(options).Take(count), .wire = {}};
  WireEmitter emitter(WireStyle::Anything(), options.seed);
  for (const auto& request : story.requests) story.wire.push_back(emitter.Emit(request));
  return story;
}

Story Generate(uint64_t seed, int count) {
  return Generate(RequestGeneratorOptions::ForSeed(seed), count);
}

ExpandedProfiles Expand(const std::vector<schema::ExportProfilesServiceRequest>& requests) {
  ExpandedProfiles expanded;
  for (const auto& request : requests) expanded.Add(request);
  return expanded;
}

class MergeProperty : public testing::TestWithParam<uint64_t> {};

TEST_P(MergeProperty, OutputMeansTheSameAsTheInputs) {
  const Story story = Generate(GetParam(), 4);
  const std::string merged = Merge(story.wire);
  const ExpandedProfiles expected = Expand(story.requests);
  const ExpandedProfiles actual = flameway::Expand({merged});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
  EXPECT_THAT(CheckWellFormed(Parse(merged)), IsEmpty());
}

TEST_P(MergeProperty, ReferencesMeanTheSameAsInlineAttributes) {
  const Story story = Generate(GetParam(), 2);
  const std::string merged = Merge(story.wire, Coalesce::kLossless, {.attribute_references = true});
  const ExpandedProfiles expected = Expand(story.requests);
  const ExpandedProfiles actual = flameway::Expand({merged});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
  EXPECT_THAT(CheckWellFormed(Parse(merged)), IsEmpty());
}

TEST_P(MergeProperty, OrderAndGroupingDoNotChangeTheMeaning) {
  Story story = Generate(GetParam(), 4);
  const ExpandedProfiles expected = Expand(story.requests);
  std::mt19937_64 random(GetParam());
  std::shuffle(story.wire.begin(), story.wire.end(), random);
  const std::string first = Merge({story.wire[0], story.wire[1]});
  const std::string second = Merge({story.wire[2], story.wire[3]});
  const std::string merged = Merge({second, first});
  const ExpandedProfiles actual = flameway::Expand({merged});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
  EXPECT_EQ(Unjoined(Parse(merged)), "");
  EXPECT_THAT(CheckWellFormed(Parse(merged)), IsEmpty());
}

TEST_P(MergeProperty, MergingACanonicalOutputAgainGivesTheSameBytes) {
  const Story story = Generate(GetParam(), 3);
  const std::string canonical = Merge({Merge(story.wire)});
  EXPECT_EQ(Merge({canonical}), canonical);
}

TEST_P(MergeProperty, SortedOutputMeansTheSameAndMergedAgainIsTheSameBytes) {
  constexpr EncodeOptions kSorted{.row_order = RowOrder::kSorted};
  const Story story = Generate(GetParam(), 4);
  const std::string merged = Merge(story.wire, Coalesce::kLossless, kSorted);
  const ExpandedProfiles expected = Expand(story.requests);
  const ExpandedProfiles actual = flameway::Expand({merged});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
  EXPECT_THAT(CheckWellFormed(Parse(merged)), IsEmpty());
  const std::string canonical = Merge({merged}, Coalesce::kLossless, kSorted);
  EXPECT_TRUE(Merge({canonical}, Coalesce::kLossless, kSorted) == canonical);
}

TEST_P(MergeProperty, OutputDoesNotDependOnTheSecret) {
  const Story story = Generate(GetParam(), 3);
  FingerprintSecret other;
  other.bytes.fill(0x5A);
  Processor processor({.request = {.secret = other}});
  for (const std::string& bytes : story.wire) {
    ASSERT_EQ(processor.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
    processor.Merge();
  }
  std::string merged;  // empty when the drawn requests hold no profile
  for (const EncodedMessage& message : Encode(processor.Seal(), {}).messages)
    merged += message.bytes;
  EXPECT_EQ(merged, Merge(story.wire));
}

TEST_P(MergeProperty, CoalesceNeverMeansTheSame) {
  const Story story = Generate(GetParam(), 3);
  const ExpandedProfiles expected = Expand(story.requests);
  const ExpandedProfiles actual = flameway::Expand({Merge(story.wire, Coalesce::kNever)});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
}

TEST_P(MergeProperty, PartsOfASplitBatchFitAndMeanTheSame) {
  RequestGeneratorOptions options = RequestGeneratorOptions::ForSeed(GetParam());
  options.payload_share = 0;  // a payload goes with the first part only; SplitTest has its case
  const Story story = Generate(options, 3);
  Processor processor({});
  for (const std::string& bytes : story.wire) {
    ASSERT_EQ(processor.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
    processor.Merge();
  }
  const SealedBatch batch = processor.Seal();
  if (batch.empty()) return;
  const size_t whole = Encode(batch, {}).messages.at(0).bytes.size();
  for (const bool references : {false, true}) {
    for (const size_t limit : {whole, whole / 2 + 200, whole / 7 + 400}) {
      const EncodeResult result =
          Encode(batch, {.row_order = references ? RowOrder::kSorted : RowOrder::kByUse,
                         .attribute_references = references,
                         .max_message_bytes = limit});
      if (!references && limit < whole && result.oversize_profiles == 0) {
        EXPECT_GT(result.messages.size(), 1u);
      }
      std::vector<std::string> parts;
      uint64_t profiles = result.oversize_profiles;
      uint64_t samples = result.oversize_samples;
      for (const EncodedMessage& message : result.messages) {
        EXPECT_LE(message.bytes.size(), limit);
        EXPECT_THAT(CheckWellFormed(Parse(message.bytes)), IsEmpty());
        parts.emplace_back(message.bytes);
        profiles += message.profiles_in;
        samples += message.samples_in;
      }
      EXPECT_EQ(profiles, batch.counts().profiles);
      EXPECT_EQ(samples, batch.counts().samples);
      if (result.oversize_samples > 0 || result.oversize_profiles > 0) continue;
      const ExpandedProfiles expected = Expand(story.requests);
      const ExpandedProfiles actual = flameway::Expand(parts);
      EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
    }
  }
}

// What merge_round_trip_fuzz asks of its stories, for larger ones.
TEST_P(MergeProperty, NoOracleObjects) {
  MergeStory story{.requests = Generate(GetParam(), 3).wire,
                   .coalesce = static_cast<Coalesce>(GetParam() % 3),
                   .split_share = GetParam() * 37 % 256};
  EXPECT_EQ(MergeDisagreement(story), "");
}

TEST_P(MergeProperty, OlderDialectsMeanTheSame) {
  RequestGeneratorOptions options = RequestGeneratorOptions::ForSeed(GetParam());
  options.reference_share = 0;  // 1.10 brought them
  const std::vector<schema::ExportProfilesServiceRequest> requests =
      RequestGenerator(options).Take(2);
  for (const Dialect dialect : {Dialect::kV1_8, Dialect::kV1_9}) {
    Processor processor({});
    ExpandedProfiles expected;
    for (const auto& request : requests) {
      const auto old = Renumber(Serialize(request), Dialect::kV1_10, dialect);
      ASSERT_TRUE(old.ok());
      // What reads both ways is taken for what the connection spoke before.
      const DecodeReport& report = processor.Decode(*old, {.assumed_dialect = dialect});
      ASSERT_EQ(report.outcome, DecodeReport::Outcome::kAccepted) << report.Message();
      if (report.dialect != dialect && report.samples_received > 0) {
        // 1.8 and 1.9 differ in profile fields that need not be there.
        EXPECT_NE(report.dialect, Dialect::kV1_10) << "seed " << GetParam();
      }
      processor.Merge();
      expected.Add(request);
    }
    const EncodeResult result = Encode(processor.Seal(), {});
    std::vector<std::string> out;
    for (const EncodedMessage& message : result.messages) out.emplace_back(message.bytes);
    const ExpandedProfiles actual = flameway::Expand(out);
    EXPECT_EQ(expected, actual) << DialectName(dialect) << "\n" << expected.DiffText(actual, 30);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, MergeProperty, testing::Range<uint64_t>(1, 61));

class MergeOfRecordings : public testing::TestWithParam<const char*> {};

TEST_P(MergeOfRecordings, MeansTheSame) {
  const std::vector<std::string> files = FindSharedFiles(GetParam());
  if (files.empty()) GTEST_SKIP() << kNoSharedFile;
  ExpandedProfiles expected;
  Processor processor({.batch = {.limits = {.max_encoded_bytes = size_t{1} << 30,
                                            .max_rows_per_table = 1u << 28}}});
  for (const std::string& file : files) {
    const auto requests = ReadRequests(file);
    ASSERT_TRUE(requests.ok()) << requests.status();
    for (const std::string& bytes : *requests) {
      ASSERT_EQ(processor.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted) << file;
      EXPECT_EQ(processor.Decode(bytes).dialect, Dialect::kV1_10) << file;
      processor.Merge();
      expected.Add(Parse(bytes));
    }
  }
  const EncodeResult result = Encode(processor.Seal(), {});
  ASSERT_EQ(result.messages.size(), 1u);
  const ExpandedProfiles actual = flameway::Expand({std::string(result.messages[0].bytes)});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
  EXPECT_THAT(CheckWellFormed(Parse(result.messages[0].bytes)), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Folders, MergeOfRecordings, testing::Values("ebpf", "otlp-1.10-from-jfr"));

TEST(MergeOfRecordings, DialectOneEightIsRecognised) {
  const std::vector<std::string> files = FindSharedFiles("captures");
  if (files.empty()) GTEST_SKIP() << kNoSharedFile;
  for (const std::string& file : files) {
    const auto requests = ReadRequests(file);
    ASSERT_TRUE(requests.ok());
    for (const std::string& bytes : *requests) {
      Processor processor({});
      ASSERT_EQ(processor.Decode(bytes).dialect, Dialect::kV1_8) << file;
      processor.Merge();
      const EncodeResult result = Encode(processor.Seal(), {});
      ExpandedProfiles expected;
      const auto parsed = ParseRequest(bytes, Dialect::kV1_8);
      ASSERT_TRUE(parsed.ok());
      expected.Add(*parsed);
      const ExpandedProfiles actual = flameway::Expand({std::string(result.messages.at(0).bytes)});
      EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
    }
  }
}

}  // namespace
}  // namespace flameway
