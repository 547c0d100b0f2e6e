// SPDX-License-Identifier: Apache-2.0
// Which encoding a request is in: V60 to V65.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "proto/otlp/fields.h"
#include "tests/processor/request/neighbours.h"
#include "tests/support/renumber.h"
#include "tests/support/wire_bytes.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

using std::string_literals::operator""s;
using Request = schema::ExportProfilesServiceRequest;

std::string Old(const Request& request, Dialect dialect, double unpacked_share = 0) {
  WireStyle style;
  style.unpacked_share = unpacked_share;
  const auto bytes = Renumber(WireEmitter(style, 1).Emit(request), Dialect::kV1_10, dialect);
  EXPECT_TRUE(bytes.ok());
  return bytes.value_or("");
}

// Three attributes, two links, and one profile of the samples given, in 1.10's own numbers.
std::string WithSamples(const std::vector<std::string>& samples, const std::string& more = "") {
  std::string dictionary = BytesField(5, "") + BytesField(5, "a") + BytesField(5, "b");
  for (const char* row : {"", "\x08\x01", "\x08\x02"}) dictionary += BytesField(6, row);
  dictionary += BytesField(4, "") + BytesField(4,
                                               "\x0A\x10"
                                               "0123456789abcdef\x12\x08"
                                               "01234567");
  dictionary += BytesField(7, "");
  std::string profile;
  for (const std::string& sample : samples) profile += BytesField(2, sample);
  return BytesField(1, BytesField(2, BytesField(2, profile + more))) + BytesField(2, dictionary);
}

std::string Packed(uint32_t field, const std::vector<uint64_t>& values) {
  std::string list;
  for (const uint64_t value : values) AppendVarint(value, &list);
  return BytesField(field, list);
}
std::string Stamps(size_t count) { return BytesField(5, std::string(8 * count, '\x01')); }

DecodeReport DecodeAs(const std::string& bytes, Dialect assumed) {
  flameway::Request request{RequestOptions{}};
  return request.Decode(bytes, {.assumed_dialect = assumed});
}

TEST(DialectTest, V60_EveryDialectMeansTheSame) {
  Request request = Neighbours();
  Suspect(request).set_dropped_attributes_count(3);  // tells 1.8 from 1.9
  Suspect(request).set_profile_id("0123456789abcdef");
  const ExpandedProfiles expected = Expand({Serialize(request)});
  for (const double unpacked : {0.0, 1.0}) {
    for (const Dialect dialect : {Dialect::kV1_8, Dialect::kV1_9, Dialect::kV1_10}) {
      const Passage passage = Pass(Old(request, dialect, unpacked));
      EXPECT_EQ(DialectName(passage.report.dialect), DialectName(dialect));
      EXPECT_FALSE(passage.report.dialect_ambiguous);
      const ExpandedProfiles actual = Expand({passage.merged});
      EXPECT_EQ(expected, actual) << DialectName(dialect) << "\n" << expected.DiffText(actual, 30);
    }
  }
}

TEST(DialectTest, V60_ASampleThatReadsOneWayOnlyDecides) {
  // {attributes 2, link 3, values 4} or {values 2, attributes 3, link 4}.
  EXPECT_EQ(Decode(WithSamples({Packed(4, {7, 8}) + Stamps(2)})).dialect, Dialect::kV1_10);
  EXPECT_EQ(Decode(WithSamples({Packed(2, {700})})).dialect, Dialect::kV1_9);
  EXPECT_EQ(Decode(WithSamples({Packed(2, {1, 1}) + Stamps(2)})).dialect, Dialect::kV1_9);
  EXPECT_EQ(Decode(WithSamples({Packed(2, {7}) + VarintField(4, 1)})).dialect, Dialect::kV1_9);
  EXPECT_EQ(Decode(WithSamples({Packed(2, {1}) + Packed(3, {2})})).dialect, Dialect::kV1_9);
}

TEST(DialectTest, V60_UnpackedListsDoNotMislead) {
  // Sample 4 as a varint: values of 1.10, unpacked, not a link; and so on with 3 and 2.
  EXPECT_EQ(Decode(WithSamples({VarintField(4, 500)})).dialect, Dialect::kV1_10);
  EXPECT_EQ(
      Decode(WithSamples({VarintField(2, 1) + VarintField(2, 2) + VarintField(4, 500)})).dialect,
      Dialect::kV1_10);
  EXPECT_EQ(
      Decode(WithSamples({VarintField(2, 500) + VarintField(3, 1) + VarintField(3, 2)})).dialect,
      Dialect::kV1_9);
  // Profile 11 as a varint: attributes since 1.9, unpacked, not the time of 1.4.
  const DecodeReport report = Decode(WithSamples({VarintField(4, 500)}, VarintField(11, 1)));
  EXPECT_EQ(report.outcome, DecodeReport::Outcome::kAccepted);
  EXPECT_EQ(report.dialect, Dialect::kV1_10);
}

TEST(DialectTest, V60_ReferencesExistSinceOneTenOnly) {
  const std::string values_two_way = Packed(2, {1}) + Stamps(1);
  const std::string reference =
      BytesField(1, BytesField(1, BytesField(1, VarintField(3, 1) + BytesField(2, ""))));
  const DecodeReport report = DecodeAs(WithSamples({values_two_way}) + reference, Dialect::kV1_9);
  EXPECT_EQ(report.dialect, Dialect::kV1_10);
}

TEST(DialectTest, V60_ProfileFieldsTellOneEight) {
  const std::string old_sample = Packed(2, {700});
  const auto dialect_with = [&](const std::string& profile_field) {
    return Decode(WithSamples({old_sample}, profile_field)).dialect;
  };
  EXPECT_EQ(dialect_with(BytesField(8, "0123456789abcdef")), Dialect::kV1_8);
  EXPECT_EQ(dialect_with(VarintField(9, 1)), Dialect::kV1_8);
  EXPECT_EQ(dialect_with(BytesField(1, VarintField(3, 1))), Dialect::kV1_8);
  EXPECT_EQ(dialect_with(BytesField(7, "0123456789abcdef")), Dialect::kV1_9);
  EXPECT_EQ(dialect_with(BytesField(7, "")), Dialect::kV1_9);
  EXPECT_EQ(dialect_with(VarintField(8, 1)), Dialect::kV1_9);
  EXPECT_EQ(dialect_with(BytesField(9, "pprof")), Dialect::kV1_9);
  EXPECT_EQ(dialect_with(VarintField(11, 1)), Dialect::kV1_9);
}

TEST(DialectTest, V62_WhatReadsBothWaysIsWhatWasAssumed) {
  const std::string both = WithSamples({Packed(2, {1}) + Stamps(1)});
  for (const Dialect assumed : {Dialect::kV1_8, Dialect::kV1_9, Dialect::kV1_10}) {
    const DecodeReport report = DecodeAs(both, assumed);
    EXPECT_EQ(report.dialect, assumed);
    EXPECT_TRUE(report.dialect_ambiguous);
    EXPECT_EQ(report.outcome, DecodeReport::Outcome::kAccepted);
  }
  EXPECT_FALSE(Decode(WithSamples({})).dialect_ambiguous) << "nothing to be unsure about";
}

TEST(DialectTest, V62_OneCertainSampleDecidesForTheAmbiguousOnes) {
  const std::string both = Packed(2, {1}) + Stamps(1);
  EXPECT_EQ(DecodeAs(WithSamples({both, Packed(2, {700}), both}), Dialect::kV1_10).dialect,
            Dialect::kV1_9);
  EXPECT_EQ(DecodeAs(WithSamples({both, Packed(4, {700}), both}), Dialect::kV1_9).dialect,
            Dialect::kV1_10);
}

TEST(DialectTest, V63_ContradictionsAreReadAsOneTenAndJudged) {
  const DecodeReport report = Decode(WithSamples({Packed(2, {700}), Packed(4, {700})}));
  EXPECT_EQ(report.dialect, Dialect::kV1_10);
  // Seen only by who looks at all samples; the judgement is the same.
  EXPECT_EQ(report.outcome, DecodeReport::Outcome::kInvalid);
  EXPECT_EQ(report.reason, Reason::kIndexOutOfRange);
  EXPECT_TRUE(report.dialect_conflict);
}

TEST(DialectTest, V61_OlderEncodingsAreRefusedByName) {
  const auto too_old = [](const std::string& bytes) {
    ExpectRequestRefused(bytes, Reason::kSchemaTooOld);
  };
  too_old(WithRawProfile(VarintField(3, 1)));  // location table ranges, time
  too_old(WithRawProfile(BytesField(3, "")));  // 1.4: mapping_table
  too_old(WithRawProfile(BytesField(4, "")));  // 1.4: location_table
  too_old(WithRawProfile(VarintField(5, 1)));  // 1.7: duration
  too_old(WithRawProfile(BytesField(6, "")));  // 1.7: period_type
  too_old(WithRawSample(VarintField(5, 1)));   // 1.7: link
  too_old(WithRawRow(otlp::ProfilesDictionary::attribute_table, BytesField(1, "key")));
}

TEST(DialectTest, V64_LegacyFieldsAreCountedAndLeftOut) {
  Request request = Neighbours();
  // 1.8: Profile 7 holds comments, ValueType 3 the temporality.
  const std::string profile = BytesField(1, VarintField(1, 1) + VarintField(3, 1)) +
                              BytesField(7, "\x01\x02\x03") + BytesField(2, Packed(2, {700}));
  const std::string bytes = Old(request, Dialect::kV1_8);
  const std::string scope = BytesField(2, profile);
  const Passage passage = Pass(bytes + BytesField(1, BytesField(2, scope)));
  EXPECT_EQ(passage.report.dialect, Dialect::kV1_8);
  EXPECT_EQ(passage.report.profiles_accepted(), 3u) << passage.report.Message();
  EXPECT_EQ(RepairsOf(passage.report, Reason::kLegacyField), 2u);
}

TEST(DialectTest, V65_ListenersMayRefuseADialect) {
  Request request = Neighbours();
  Suspect(request).set_dropped_attributes_count(3);
  for (const Dialect dialect : {Dialect::kV1_8, Dialect::kV1_9, Dialect::kV1_10}) {
    RequestOptions options;
    options.accept_1_8 = dialect != Dialect::kV1_8;
    options.accept_1_9 = dialect != Dialect::kV1_9;
    options.accept_1_10 = dialect != Dialect::kV1_10;
    const DecodeReport report = Pass(Old(request, dialect), options).report;
    EXPECT_EQ(report.outcome, DecodeReport::Outcome::kInvalid);
    EXPECT_EQ(report.reason, Reason::kSchemaNotAccepted);
    options = {};
    EXPECT_EQ(Pass(Old(request, dialect), options).report.profiles_accepted(), 2u);
  }
}

TEST(DialectTest, AKnownDialectIsNotAsked) {
  const std::string bytes = WithSamples({Packed(2, {1})});  // values of 1.9, if anything
  EXPECT_EQ(Pass(bytes, {}, {.known_dialect = Dialect::kV1_9}).report.profiles_accepted(), 1u);
  const Passage as_new = Pass(bytes, {}, {.known_dialect = Dialect::kV1_10});
  EXPECT_EQ(as_new.report.reason, Reason::kSampleEmpty);
}

}  // namespace
}  // namespace flameway
