// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/encode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/processor/core_fixture.h"
#include "tests/support/request_generator.h"
#include "tests/support/well_formed.h"
#include "tests/support/wire_bytes.h"

namespace flameway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Requests(uint64_t seed, int count) {
  std::vector<std::string> wire;
  for (const auto& request : RequestGenerator(RequestGeneratorOptions::ForSeed(seed)).Take(count)) {
    wire.push_back(Serialize(request));
  }
  return wire;
}

std::string Bytes(const EncodeResult& result) {
  std::string bytes;
  for (const EncodedMessage& message : result.messages) bytes += message.bytes;
  return bytes;
}

TEST(EncodeTest, AnEmptyBatchIsNoMessage) {
  Processor processor({});
  EXPECT_THAT(Encode(processor.Seal(), {}).messages, IsEmpty());
}

TEST(EncodeTest, EqualInputGivesEqualBytesInANewProcessorAndInAUsedOne) {
  for (uint64_t seed = 1; seed < 30; ++seed) {
    const std::vector<std::string> wire = Requests(seed, 3);
    const std::string fresh = Merge(wire);
    Processor used({});
    for (int round = 0; round < 3; ++round) {
      for (const std::string& bytes : Requests(seed + 100, 2)) {
        used.Decode(bytes);
        used.Merge();
      }
      used.Recycle(used.Seal());
      for (const std::string& bytes : wire) {
        used.Decode(bytes);
        used.Merge();
      }
      SealedBatch batch = used.Seal();
      EXPECT_EQ(Bytes(Encode(batch, {})), fresh);
      EXPECT_EQ(Bytes(Encode(batch, {})), fresh) << "encoding changes nothing";
      used.Recycle(std::move(batch));
    }
  }
}

TEST(EncodeTest, AKeptEncoderAndResultGiveTheBytesOfNewOnes) {
  const EncodeOptions forms[] = {{.row_order = RowOrder::kSorted},
                                 {},
                                 {.attribute_references = true},
                                 {.max_message_samples = 5},
                                 {.row_order = RowOrder::kSorted, .attribute_references = true}};
  Encoder encoder;
  EncodeResult kept;
  Processor processor({});
  for (uint64_t seed = 1; seed < 20; ++seed) {
    for (const std::string& bytes : Requests(seed, 1 + static_cast<int>(seed % 5))) {
      processor.Decode(bytes);
      processor.Merge();
    }
    SealedBatch batch = processor.Seal();
    for (const EncodeOptions& form : forms) {
      const EncodeResult fresh = Encode(batch, form);
      encoder.Encode(batch, form, &kept);
      ASSERT_EQ(Bytes(kept), Bytes(fresh)) << "seed " << seed;
      ASSERT_EQ(kept.messages.size(), fresh.messages.size());
      for (size_t i = 0; i < fresh.messages.size(); ++i) {
        EXPECT_EQ(kept.messages[i].bytes, fresh.messages[i].bytes);
        EXPECT_EQ(kept.messages[i].profiles_in, fresh.messages[i].profiles_in);
        EXPECT_EQ(kept.messages[i].samples_in, fresh.messages[i].samples_in);
        EXPECT_EQ(kept.messages[i].samples_out, fresh.messages[i].samples_out);
      }
      EXPECT_EQ(kept.oversize_samples, fresh.oversize_samples);
    }
    processor.Recycle(std::move(batch));
  }
  EXPECT_GT(encoder.memory_bytes(), 0u);
  encoder.Encode(processor.Seal(), {}, &kept);
  EXPECT_THAT(kept.messages, IsEmpty());
}

// The fields of the last of the repeated messages that lie that deep, in the order they stand.
std::vector<uint32_t> FieldsOfLast(std::string_view message, std::initializer_list<uint32_t> path) {
  for (const uint32_t field : path) {
    std::string_view last;
    while (const auto next = TakeField(&message)) {
      if (next->number == field) last = next->payload;
    }
    message = last;
  }
  std::vector<uint32_t> fields;
  while (const auto next = TakeField(&message)) fields.push_back(next->number);
  return fields;
}

// What this order is worth: docs/decisions/0009-sorted-rows.md.
TEST(EncodeTest, WhatDiffersFromRowToRowStandsWhereRowsMeet) {
  schema::ExportProfilesServiceRequest request;
  schema::ProfilesDictionary& tables = *request.mutable_dictionary();
  for (const char* text : {"", "key", "name"}) tables.add_string_table(text);
  tables.add_attribute_table();
  tables.add_attribute_table()->set_key_strindex(1);
  tables.mutable_attribute_table(1)->mutable_value()->set_int_value(1);
  tables.add_function_table();
  tables.add_function_table()->set_name_strindex(2);
  tables.add_mapping_table();
  tables.add_mapping_table()->set_memory_start(0x1000);
  tables.add_location_table();
  schema::Location& location = *tables.add_location_table();
  location.set_mapping_index(1);
  location.set_address(0x1234);
  location.add_attribute_indices(1);
  schema::Line& line = *location.add_lines();
  line.set_function_index(1);
  line.set_line(7);
  line.set_column(3);
  tables.add_stack_table();
  tables.add_stack_table()->add_location_indices(1);
  tables.add_link_table();
  schema::Link& link = *tables.add_link_table();
  link.set_trace_id("0123456789abcdef");
  link.set_span_id("01234567");
  schema::Profile& profile = *request.add_resource_profiles()->add_scope_profiles()->add_profiles();
  profile.mutable_sample_type()->set_type_strindex(2);
  schema::Sample& sample = *profile.add_samples();
  sample.set_stack_index(1);
  sample.set_link_index(1);
  sample.add_attribute_indices(1);
  sample.add_values(1);
  sample.add_timestamps_unix_nano(1'000);

  Processor processor({});
  const std::string received = Serialize(request);
  ASSERT_EQ(processor.Decode(received).outcome, DecodeReport::Outcome::kAccepted);
  processor.Merge();
  const SealedBatch batch = processor.Seal();
  for (const RowOrder order : {RowOrder::kByUse, RowOrder::kSorted}) {
    const std::string bytes = Bytes(Encode(batch, {.row_order = order}));
    using schema::Location;
    using schema::Sample;
    EXPECT_THAT(FieldsOfLast(bytes, {2, 2}),
                ElementsAre(Location::kMappingIndexFieldNumber, Location::kLinesFieldNumber,
                            Location::kAttributeIndicesFieldNumber, Location::kAddressFieldNumber));
    EXPECT_THAT(FieldsOfLast(bytes, {2, 2, 3}),
                ElementsAre(schema::Line::kLineFieldNumber, schema::Line::kFunctionIndexFieldNumber,
                            schema::Line::kColumnFieldNumber));
    EXPECT_THAT(FieldsOfLast(bytes, {1, 2, 2, 2}),
                ElementsAre(Sample::kLinkIndexFieldNumber, Sample::kAttributeIndicesFieldNumber,
                            Sample::kValuesFieldNumber, Sample::kTimestampsUnixNanoFieldNumber,
                            Sample::kStackIndexFieldNumber));
  }
}

TEST(EncodeTest, ASealedBatchMayBeEncodedFromAnyThread) {
  Processor processor({});
  for (const std::string& bytes : Requests(3, 5)) {
    processor.Decode(bytes);
    processor.Merge();
  }
  const SealedBatch batch = processor.Seal();
  const std::string expected = Bytes(Encode(batch, {}));
  const std::string references = Bytes(Encode(batch, {.attribute_references = true}));
  std::string first;
  std::string second;
  std::thread one([&] { first = Bytes(Encode(batch, {})); });
  std::thread two([&] { second = Bytes(Encode(batch, {.attribute_references = true})); });
  one.join();
  two.join();
  EXPECT_EQ(first, expected);
  EXPECT_EQ(second, references);
}

// Requests that say as much as they can in as few bytes as they can.
TEST(EncodeTest, StingyRequestsStayWithinTheLimitToo) {
  schema::ExportProfilesServiceRequest request;
  for (int r = 0; r < 3; ++r) {
    auto* resource = request.add_resource_profiles();
    resource->mutable_resource()->set_dropped_attributes_count(static_cast<uint32_t>(r));
    for (int s = 0; s < 3; ++s) {
      auto* scope = resource->add_scope_profiles();
      scope->mutable_scope()->set_dropped_attributes_count(static_cast<uint32_t>(s));
      for (int p = 0; p < 30; ++p) {
        schema::Profile& profile = *scope->add_profiles();
        profile.set_period(p);
        if (p % 2 == 0) profile.add_samples()->add_values(1);
      }
    }
  }
  const std::string bytes = Serialize(request);
  for (const Coalesce coalesce : {Coalesce::kNever, Coalesce::kLossless}) {
    constexpr size_t kLimit = 40'000;
    Processor processor({.batch = {.limits = {.max_encoded_bytes = kLimit}, .coalesce = coalesce}});
    for (int i = 0; i < 50; ++i) {
      ASSERT_EQ(processor.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
      if (!processor.Fits()) {
        EXPECT_LE(Bytes(Encode(processor.Seal(), {})).size(), kLimit);
      }
      processor.Merge();
    }
  }
}

TEST(EncodeTest, TheRowLimitSealsBeforeItIsPassed) {
  Processor processor({.batch = {.limits = {.max_rows_per_table = 40}}});
  for (const std::string& bytes : Requests(5, 20)) {
    ASSERT_EQ(processor.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
    const bool empty = processor.batch().empty();
    if (!processor.Fits()) {
      ASSERT_FALSE(empty) << "an empty batch takes any request";
      (void)processor.Seal();
    }
    processor.Merge();
  }
}

}  // namespace
}  // namespace flameway
