// SPDX-License-Identifier: Apache-2.0
// Which requests may be passed on as they came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "proto/otlp/fields.h"
#include "tests/processor/request/neighbours.h"
#include "tests/support/corpus.h"
#include "tests/support/renumber.h"

namespace flameway {
namespace {

using Message = schema::ExportProfilesServiceRequest;

bool IsFlawless(std::string_view bytes, const DecodeContext& context = {},
                const RequestOptions& options = {}) {
  Request request(options);
  request.Decode(bytes, context);
  return request.is_flawless();
}

bool IsFlawlessAfter(const Edit& edit) {
  Message request = Neighbours();
  edit(request);
  return IsFlawless(Serialize(request));
}

// One more row in the one dictionary; nobody refers to it.
std::string WithRow(uint32_t table, std::string_view row) {
  Message request = Neighbours();
  const std::string dictionary = request.dictionary().SerializeAsString();
  request.clear_dictionary();
  return Serialize(request) + BytesField(otlp::ExportProfilesServiceRequest::dictionary,
                                         dictionary + BytesField(table, row));
}

TEST(FlawlessTest, WhatIsTidyIsFlawless) {
  EXPECT_TRUE(IsFlawless(Serialize(Neighbours())));
  EXPECT_TRUE(IsFlawless(Serialize(SmallRequest())));
}

TEST(FlawlessTest, DuplicateAndUnusedRowsAreNoFlaw) {
  EXPECT_TRUE(IsFlawlessAfter([](Message& r) {
    schema::ProfilesDictionary& tables = *r.mutable_dictionary();
    tables.add_string_table("nobody refers to this");
    tables.add_string_table("main");
    *tables.add_function_table() = tables.function_table(1);
    tables.add_stack_table();
  }));
}

TEST(FlawlessTest, ARequestThatWasNotTakenWholeIsNot) {
  EXPECT_FALSE(IsFlawlessAfter([](Message& r) { SuspectSample(r).set_stack_index(1'000); }));
  const std::string bytes = Serialize(Neighbours());
  EXPECT_FALSE(IsFlawless(std::string_view(bytes).substr(0, bytes.size() - 1)));
}

TEST(FlawlessTest, AVerdictIsOfTheLastRequestOnly) {
  Request request({});
  request.Decode(Serialize(Neighbours()));
  EXPECT_TRUE(request.is_flawless());
  request.Decode("\x0a\xff");
  EXPECT_FALSE(request.is_flawless());
  request.Decode(Serialize(Neighbours()));
  EXPECT_TRUE(request.is_flawless());
}

TEST(FlawlessTest, UnknownFieldsAnywhereAreAFlaw) {
  const std::string unknown = VarintField(99, 1);
  EXPECT_FALSE(IsFlawless(WithRaw(unknown)));
  EXPECT_FALSE(IsFlawless(WithRow(99, "x")));
  for (uint32_t table = 1; table <= 7; ++table) {
    EXPECT_TRUE(IsFlawless(WithRow(table, ""))) << table;
    if (table == otlp::ProfilesDictionary::string_table) continue;
    EXPECT_FALSE(IsFlawless(WithRow(table, unknown))) << table;
  }
  EXPECT_FALSE(IsFlawless(WithRow(otlp::ProfilesDictionary::location_table,
                                  BytesField(otlp::Location::lines, unknown))));
  EXPECT_FALSE(IsFlawless(WithRawProfile(unknown)));
  EXPECT_FALSE(
      IsFlawless(WithRawSample(VarintField(otlp::Sample::stack_index, 1) + VarintField(99, 1) +
                               BytesField(otlp::Sample::values, "\x01"))));
}

TEST(FlawlessTest, UnknownGroupsAreAFlaw) {
  const std::string group = "\x9b\x06\x08\x01\x9c\x06";
  EXPECT_FALSE(IsFlawless(WithRaw(group)));
  EXPECT_FALSE(IsFlawless(WithRow(otlp::ProfilesDictionary::stack_table, group)));
  EXPECT_FALSE(IsFlawless(WithRow(otlp::ProfilesDictionary::location_table, group)));
  EXPECT_FALSE(IsFlawless(WithRawProfile(group)));
  EXPECT_FALSE(IsFlawless(WithRawSample(BytesField(otlp::Sample::values, "\x01") + group)));
}

TEST(FlawlessTest, BadRowsThatNobodyRefersToAreAFlaw) {
  const Edit edits[] = {
      [](Message& r) { r.mutable_dictionary()->add_string_table(std::string(100'000, 'x')); },
      [](Message& r) { r.mutable_dictionary()->add_function_table()->set_name_strindex(1'000); },
      [](Message& r) { r.mutable_dictionary()->add_mapping_table()->add_attribute_indices(-1); },
      [](Message& r) { r.mutable_dictionary()->add_location_table()->set_mapping_index(1'000); },
      [](Message& r) { r.mutable_dictionary()->add_stack_table()->add_location_indices(1'000); },
      [](Message& r) { r.mutable_dictionary()->add_attribute_table()->set_key_strindex(1'000); },
      [](Message& r) { r.mutable_dictionary()->add_link_table()->set_trace_id("short"); },
  };
  for (const Edit& edit : edits) EXPECT_FALSE(IsFlawlessAfter(edit)) << &edit - edits;
  EXPECT_FALSE(IsFlawless(WithRow(otlp::ProfilesDictionary::string_table, "bad \xff utf-8")));
}

TEST(FlawlessTest, AnythingButZeroInRow0IsAFlaw) {
  EXPECT_FALSE(IsFlawlessAfter(
      [](Message& r) { r.mutable_dictionary()->mutable_mapping_table(0)->set_memory_start(1); }));
  EXPECT_FALSE(IsFlawlessAfter(
      [](Message& r) { r.mutable_dictionary()->mutable_link_table(0)->set_span_id("12345678"); }));
}

TEST(FlawlessTest, MissingTablesAreAFlaw) {
  EXPECT_FALSE(IsFlawlessAfter([](Message& r) {
    for (auto& profile :
         *r.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles()) {
      for (auto& sample : *profile.mutable_samples()) sample.clear_link_index();
    }
    r.mutable_dictionary()->clear_link_table();
  }));
}

TEST(FlawlessTest, ZeroIdsOfOtherLengthsAreAFlaw) {
  const auto link = [](size_t trace, size_t span) {
    return WithRow(otlp::ProfilesDictionary::link_table,
                   BytesField(otlp::Link::trace_id, std::string(trace, '\0')) +
                       BytesField(otlp::Link::span_id, std::string(span, '\0')));
  };
  EXPECT_TRUE(IsFlawless(link(16, 8)));
  EXPECT_TRUE(IsFlawless(link(0, 0)));
  EXPECT_FALSE(IsFlawless(link(5, 8)));
  EXPECT_FALSE(IsFlawless(link(16, 7)));
}

TEST(FlawlessTest, ReferencesInPlaceOfStringsAreAFlaw) {
  EXPECT_FALSE(IsFlawlessAfter([](Message& r) {
    schema::KeyValue* const attribute = OnlyResource(r).add_attributes();
    attribute->set_key_strindex(1);
    attribute->mutable_value()->set_int_value(1);
  }));
  EXPECT_FALSE(IsFlawlessAfter([](Message& r) {
    schema::KeyValue* const attribute = OnlyResource(r).add_attributes();
    attribute->set_key("referring");
    attribute->mutable_value()->mutable_array_value()->add_values()->set_string_value_strindex(0);
  }));
  EXPECT_FALSE(IsFlawlessAfter(
      [](Message& r) { SuspectAttribute(r).mutable_value()->set_string_value_strindex(1); }));
}

TEST(FlawlessTest, RepairsAreAFlaw) {
  const Edit edits[] = {
      [](Message& r) { OnlyResource(r).add_attributes()->mutable_value()->set_int_value(1); },
      [](Message& r) { *OnlyResource(r).add_attributes() = OnlyResource(r).attributes(0); },
      [](Message& r) { Suspect(r).set_profile_id("short"); },
      [](Message& r) { SuspectSample(r).add_attribute_indices(0); },
      [](Message& r) { SuspectMapping(r).add_attribute_indices(0); },
      [](Message& r) { Suspect(r).add_samples()->set_stack_index(1); },
  };
  for (const Edit& edit : edits) EXPECT_FALSE(IsFlawlessAfter(edit)) << &edit - edits;
}

// A resource without profiles has none that could be refused for it.
TEST(FlawlessTest, ABadOriginWithoutProfilesIsAFlaw) {
  const auto with_resource = [](const std::string& value) {
    Message request = Neighbours();
    schema::KeyValue& attribute =
        *request.add_resource_profiles()->mutable_resource()->add_attributes();
    attribute.set_key("empty");
    attribute.mutable_value()->set_string_value(value);
    return Serialize(request);
  };
  EXPECT_TRUE(IsFlawless(with_resource("good")));
  EXPECT_FALSE(IsFlawless(with_resource(std::string(100'000, 'x'))));
  EXPECT_FALSE(IsFlawlessAfter([](Message& r) {
    r.mutable_resource_profiles(0)->add_scope_profiles()->mutable_scope()->set_name(
        std::string(100'000, 'x'));
  }));
}

// Some decoders keep only the last piece.
TEST(FlawlessTest, ListsInPiecesAreAFlaw) {
  const auto times = [](size_t count) {
    return BytesField(otlp::Sample::timestamps_unix_nano, std::string(8 * count, '\1'));
  };
  EXPECT_TRUE(IsFlawless(WithRawSample(times(2))));
  EXPECT_FALSE(IsFlawless(WithRawSample(times(1) + times(1))));
  EXPECT_FALSE(IsFlawless(WithRawSample(times(1) + times(0))));
  const auto values = [](std::string_view bytes) {
    return BytesField(otlp::Sample::values, bytes);
  };
  EXPECT_TRUE(IsFlawless(WithRawSample(times(2) + values("\1\2"))));
  EXPECT_FALSE(IsFlawless(WithRawSample(times(2) + values("\1") + values("\2"))));
  EXPECT_FALSE(IsFlawless(WithRawSample(values(std::string_view("\x81\0", 2)))));
  EXPECT_FALSE(IsFlawless(WithRawSample(VarintField(otlp::Sample::values, 1))));
  const auto indices = [](std::string_view bytes) {
    return BytesField(otlp::Sample::attribute_indices, bytes);
  };
  EXPECT_TRUE(IsFlawless(WithRawSample(times(1) + indices("\1\2"))));
  EXPECT_FALSE(IsFlawless(WithRawSample(times(1) + indices("\1") + indices("\2"))));
  const auto of_profile = [](std::string_view bytes) {
    return BytesField(otlp::Profile::attribute_indices, bytes);
  };
  EXPECT_TRUE(IsFlawless(WithRawProfile(of_profile("\1\2"))));
  EXPECT_FALSE(IsFlawless(WithRawProfile(of_profile("\1") + of_profile("\2"))));
  EXPECT_FALSE(IsFlawless(WithRawProfile(VarintField(otlp::Profile::attribute_indices, 1))));
  const auto stack = [](const std::string& row) {
    return WithRow(otlp::ProfilesDictionary::stack_table, row);
  };
  const std::string frame = BytesField(otlp::Stack::location_indices, "\1");
  EXPECT_TRUE(IsFlawless(stack(frame)));
  EXPECT_FALSE(IsFlawless(stack(frame + frame)));
  EXPECT_FALSE(IsFlawless(stack(VarintField(otlp::Stack::location_indices, 1))));
}

TEST(FlawlessTest, OlderDialectsAreAFlaw) {
  const std::string bytes = Serialize(Neighbours());
  for (const Dialect dialect : {Dialect::kV1_8, Dialect::kV1_9}) {
    const auto old = Renumber(bytes, Dialect::kV1_10, dialect);
    ASSERT_TRUE(old.ok());
    EXPECT_FALSE(IsFlawless(*old, {.assumed_dialect = dialect})) << DialectName(dialect);
    EXPECT_FALSE(IsFlawless(bytes, {.known_dialect = dialect})) << DialectName(dialect);
  }
}

// The newest Collector refers to strings in resources; whoever relays an agent's requests by it
// sends that form.
TEST(FlawlessTest, RealRequestsAreFlawlessUnlessTheyReferToStringsInResources) {
  const std::vector<std::string> files = FindSharedFiles("ebpf");
  if (files.empty()) GTEST_SKIP() << kNoSharedFile;
  for (const std::string& file : files) {
    const auto requests = ReadRequests(file);
    ASSERT_TRUE(requests.ok()) << requests.status();
    for (const std::string& bytes : *requests) {
      const auto request = ParseRequest(bytes);
      ASSERT_TRUE(request.ok()) << request.status();
      bool refers = false;
      for (const auto& resource : request->resource_profiles()) {
        for (const auto& attribute : resource.resource().attributes()) {
          refers |= attribute.key_strindex() != 0 || attribute.value().has_string_value_strindex();
        }
      }
      EXPECT_EQ(IsFlawless(bytes), !refers) << file;
    }
  }
}

}  // namespace
}  // namespace flameway
