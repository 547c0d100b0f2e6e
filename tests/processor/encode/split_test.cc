// SPDX-License-Identifier: Apache-2.0
// A batch over a destination's limit leaves in parts that fit and say together what it said.
#include "processor/encode/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/processor/core_fixture.h"
#include "tests/support/renumber.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::Each;
using testing::IsEmpty;
using testing::Le;

schema::Profile& ProfileOf(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles(0);
}

struct Parts {
  std::vector<std::string> messages;
  EncodeResult result;
  BatchCounts counts;
  size_t whole_bytes = 0;
};

Parts Split(const std::vector<std::string>& requests, size_t max_message_bytes,
            bool references = false) {
  Processor processor({});
  for (const std::string& bytes : requests) {
    EXPECT_EQ(processor.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
    processor.Merge();
  }
  const SealedBatch batch = processor.Seal();
  Parts parts{.result = Encode(batch, {.attribute_references = references,
                                       .max_message_bytes = max_message_bytes}),
              .counts = batch.counts()};
  parts.whole_bytes = Encode(batch, {}).messages.at(0).bytes.size();
  uint64_t profiles = parts.result.oversize_profiles;
  uint64_t samples = parts.result.oversize_samples;
  for (const EncodedMessage& message : parts.result.messages) {
    EXPECT_LE(message.bytes.size(), max_message_bytes);
    EXPECT_THAT(CheckWellFormed(Parse(message.bytes)), IsEmpty());
    profiles += message.profiles_in;
    samples += message.samples_in;
    parts.messages.emplace_back(message.bytes);
  }
  EXPECT_EQ(profiles, parts.counts.profiles);
  EXPECT_EQ(samples, parts.counts.samples);
  return parts;
}

void ExpectSameMeaning(const std::vector<std::string>& in, const std::vector<std::string>& out) {
  const ExpandedProfiles expected = Expand(in);
  const ExpandedProfiles actual = Expand(out);
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
}

// `count` samples with stacks of their own.
ExportProfilesServiceRequest ManySamples(int count) {
  ExportProfilesServiceRequest request = SmallRequest();
  auto* tables = request.mutable_dictionary();
  schema::Profile& profile = ProfileOf(request);
  for (int i = 0; i < count; ++i) {
    tables->add_string_table("function number " + std::to_string(i));
    tables->add_function_table()->set_name_strindex(tables->string_table_size() - 1);
    tables->add_location_table()->add_lines()->set_function_index(tables->function_table_size() -
                                                                  1);
    tables->add_stack_table()->add_location_indices(tables->location_table_size() - 1);
    schema::Sample& sample = *profile.add_samples();
    sample.set_stack_index(tables->stack_table_size() - 1);
    sample.add_values(i);
    sample.add_timestamps_unix_nano(1000 + static_cast<uint64_t>(i));
  }
  return request;
}

TEST(SplitTest, ABatchThatFitsIsOneMessage) {
  const std::string bytes = Serialize(ManySamples(10));
  const Parts parts = Split({bytes}, 1 << 20);
  EXPECT_EQ(parts.messages.size(), 1u);
  EXPECT_EQ(parts.messages[0].size(), parts.whole_bytes);
  EXPECT_EQ(Split({bytes}, parts.whole_bytes).messages.size(), 1u) << "the limit itself fits";
  EXPECT_GE(Split({bytes}, parts.whole_bytes - 1).messages.size(), 2u);
}

TEST(SplitTest, EachPartHasItsOwnDictionaryOnly) {
  const std::string bytes = Serialize(ManySamples(300));
  for (const bool references : {false, true}) {
    const Parts parts = Split({bytes}, 4'000, references);
    EXPECT_GE(parts.messages.size(), 4u);
    EXPECT_EQ(parts.result.oversize_samples, 0u);
    ExpectSameMeaning({bytes}, parts.messages);
  }
}

TEST(SplitTest, NoPartHasMoreSamplesThanAllowed) {
  const std::string bytes = Serialize(ManySamples(100));
  Processor processor({});
  ASSERT_EQ(processor.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
  processor.Merge();
  const SealedBatch batch = processor.Seal();
  const size_t samples = batch.samples_out();
  for (const size_t bound : {size_t{1}, size_t{7}, size_t{50}, samples - 1, samples}) {
    const EncodeResult result = Encode(batch, {.max_message_samples = bound});
    EXPECT_EQ(result.messages.size(), (samples + bound - 1) / bound);
    std::vector<std::string> messages;
    BatchCounts counts;
    for (const EncodedMessage& message : result.messages) {
      EXPECT_LE(message.samples_out, bound);
      EXPECT_THAT(CheckWellFormed(Parse(message.bytes)), IsEmpty());
      messages.emplace_back(message.bytes);
      counts.profiles += message.profiles_in;
      counts.samples += message.samples_in;
    }
    EXPECT_EQ(counts.profiles, batch.counts().profiles);
    EXPECT_EQ(counts.samples, batch.counts().samples);
    ExpectSameMeaning({bytes}, messages);
  }
  EXPECT_GT(Encode(batch, {.max_message_bytes = 1'500, .max_message_samples = 60}).messages.size(),
            2u)
      << "both bounds hold";
}

TEST(SplitTest, OneSampleWithManyTimestampsIsCutByPoints) {
  ExportProfilesServiceRequest request = SmallRequest();
  schema::Sample& sample = *ProfileOf(request).mutable_samples(0);
  for (int i = 0; i < 3'000; ++i) {
    sample.add_values((i % 3 - 1) * (int64_t{1} << (i % 60)));
    sample.add_timestamps_unix_nano(5'000 + static_cast<uint64_t>(i));
  }
  const std::string timed = Serialize(request);
  sample.clear_values();
  const std::string events = Serialize(request);
  for (const std::string& bytes : {timed, events}) {
    const Parts parts = Split({bytes}, 3'000);
    EXPECT_GE(parts.messages.size(), 8u);
    EXPECT_EQ(parts.result.oversize_samples, 0u);
    ExpectSameMeaning({bytes}, parts.messages);
  }
}

TEST(SplitTest, APayloadGoesWithTheFirstPart) {
  ExportProfilesServiceRequest request = ManySamples(100);
  ProfileOf(request).set_original_payload_format("pprof");
  ProfileOf(request).set_original_payload(std::string(1'000, 'p'));
  const Parts parts = Split({Serialize(request)}, 3'000);
  ASSERT_GE(parts.messages.size(), 3u);
  EXPECT_EQ(parts.result.oversize_samples, 0u);
  for (size_t i = 0; i < parts.messages.size(); ++i) {
    ExportProfilesServiceRequest part = Parse(parts.messages[i]);
    EXPECT_EQ(ProfileOf(part).original_payload().size(), i == 0 ? 1'000u : 0u);
    EXPECT_EQ(ProfileOf(part).original_payload_format(), i == 0 ? "pprof" : "");
  }
}

TEST(SplitTest, ProfilesWithoutSamplesArePartedByProfile) {
  ExportProfilesServiceRequest request = SmallRequest();
  auto& profiles =
      *request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles();
  for (int i = 0; i < 20; ++i) {  // around the only sample: nine before it, ten behind it
    schema::Profile& profile = *profiles.Add();
    profile.set_time_unix_nano(static_cast<uint64_t>(i));
    profile.set_original_payload_format("pprof");
    profile.set_original_payload(std::string(1'000, static_cast<char>('a' + i)));
  }
  profiles.SwapElements(0, 10);
  const std::string bytes = Serialize(request);
  const Parts parts = Split({bytes}, 3'000);
  EXPECT_GE(parts.messages.size(), 7u);
  EXPECT_EQ(parts.result.oversize_profiles, 0u);
  ExpectSameMeaning({bytes}, parts.messages);
}

TEST(SplitTest, WhatCannotFitIsCountedAndTheRestIsSent) {
  ExportProfilesServiceRequest request = ManySamples(50);
  request.mutable_dictionary()->set_string_table(20, std::string(10'000, 'x'));
  const std::string bytes = Serialize(request);
  const Parts parts = Split({bytes}, 2'000);
  EXPECT_EQ(parts.result.oversize_samples, 1u);
  uint64_t samples_out = 0;
  for (const EncodedMessage& message : parts.result.messages) samples_out += message.samples_out;
  EXPECT_EQ(samples_out, 50u);
}

TEST(SplitTest, ListsOfValuesAreNeverCut) {
  ExportProfilesServiceRequest request = SmallRequest();
  schema::Sample& sample = *ProfileOf(request).mutable_samples(0);
  sample.clear_timestamps_unix_nano();
  for (int i = 0; i < 3'000; ++i) sample.add_values(i);
  const Parts parts = Split({Serialize(request)}, 2'000);
  EXPECT_EQ(parts.result.oversize_samples, 1u);
  EXPECT_THAT(parts.messages, IsEmpty());
}

TEST(SplitTest, WhatWasKeptApartStaysApart) {
  ExportProfilesServiceRequest request = ManySamples(100);
  for (schema::Sample& sample : *ProfileOf(request).mutable_samples()) {
    sample.clear_timestamps_unix_nano();
    sample.clear_values();
    sample.add_values(70'000);  // no attribute index
  }
  SetTemporality(ProfileOf(request).mutable_sample_type(), 2);
  const auto cumulative = Renumber(Serialize(request), Dialect::kV1_10, Dialect::kV1_8);
  ASSERT_TRUE(cumulative.ok());
  Parts parts = Split({*cumulative, *cumulative}, 5'000);
  ASSERT_GE(parts.messages.size(), 2u);
  int samples = 0;
  for (const std::string& message : parts.messages) {
    const ExportProfilesServiceRequest part = Parse(message);
    for (const auto& profile : part.resource_profiles(0).scope_profiles(0).profiles()) {
      for (const auto& sample : profile.samples()) {
        EXPECT_EQ(sample.values(0), 70'000) << "a running total added to itself";
        ++samples;
      }
    }
  }
  EXPECT_EQ(samples, 202);
}

TEST(SplitTest, ATinyLimitSendsNothingAndCountsAll) {
  const std::string bytes = Serialize(ManySamples(20));
  const Parts parts = Split({bytes}, 1);
  EXPECT_THAT(parts.messages, IsEmpty());
  EXPECT_EQ(parts.result.oversize_samples, 21u);
  EXPECT_EQ(parts.result.oversize_profiles, 1u);
}

}  // namespace
}  // namespace flameway
