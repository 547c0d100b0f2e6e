// SPDX-License-Identifier: Apache-2.0
// What is wrong on the wire level: V01 to V15. Such a request is refused whole, or read as
// protobuf reads it and written anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "proto/otlp/fields.h"
#include "tests/processor/request/neighbours.h"
#include "tests/support/wire_bytes.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

using std::string_literals::operator""s;
namespace tables = otlp::ProfilesDictionary;

constexpr uint64_t kTwoTo32 = uint64_t{1} << 32;

void ExpectMeansNeighbours(const std::string& bytes, Reason reason) {
  const Passage passage = Pass(bytes);
  EXPECT_EQ(passage.report.outcome, DecodeReport::Outcome::kAccepted) << passage.report.Message();
  if (reason != Reason::kNone) {
    EXPECT_GE(RepairsOf(passage.report, reason), 1u);
  }
  const ExpandedProfiles expected = Expand({Serialize(Neighbours())});
  const ExpandedProfiles actual = Expand({passage.merged});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
}

TEST(WireRulesTest, V01_TruncatedFieldsRefuseTheRequest) {
  ExpectRequestRefused(WithRaw("\x0A\x05z"), Reason::kTruncated);
  ExpectRequestRefused(WithRaw("\x12"), Reason::kTruncated);
  ExpectRequestRefused(WithRawRow(tables::function_table, "\x08"), Reason::kTruncated);
  ExpectRequestRefused(WithRawRow(tables::location_table, "\x1A\x02\x08"), Reason::kTruncated);
  ExpectRequestRefused(WithRawRow(tables::stack_table, "\x0A\x01\x80"), Reason::kTruncated);
  ExpectRequestRefused(WithRawRow(tables::link_table, "\x0A\x11z"), Reason::kTruncated);
  ExpectRequestRefused(WithRawRow(tables::attribute_table, "\x12\x05\x2A\x03\x0A\x04z"),
                       Reason::kTruncated);
  ExpectRequestRefused(WithRawProfile("\x19\x01\x02"), Reason::kTruncated);
  ExpectRequestRefused(WithRawSample("\x22\x02\x01\x80"), Reason::kTruncated);
  ExpectRequestRefused(WithRawSample("\x12\x01\x80"), Reason::kTruncated);
}

TEST(WireRulesTest, V01_TheOffsetTellsWhere) {
  const std::string good = Serialize(Neighbours());
  const Passage passage = Pass(good + "\x0A\x05z");
  EXPECT_GE(passage.report.offset, good.size());
}

TEST(WireRulesTest, V02_VarintsOverTenBytesRefuseTheRequest) {
  const std::string eleven = std::string(10, '\x80') + '\x01';
  ExpectRequestRefused(WithRaw("\x0A" + eleven), Reason::kVarintTooLong);
  ExpectRequestRefused(WithRawRow(tables::function_table, "\x20" + eleven), Reason::kVarintTooLong);
  ExpectRequestRefused(WithRawSample(BytesField(otlp::Sample::values, eleven)),
                       Reason::kVarintTooLong);
  ExpectRequestRefused(WithRawSample(BytesField(otlp::Sample::attribute_indices, eleven)),
                       Reason::kVarintTooLong);
}

TEST(WireRulesTest, V03_OverlongVarintsAreReadAndWrittenAnew) {
  WireStyle style;
  style.overlong_share = 0.7;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::string bytes = WireEmitter(style, seed).Emit(Neighbours());
    ExpectMeansNeighbours(bytes, Reason::kNone);
    EXPECT_EQ(Pass(bytes).merged, Pass(Serialize(Neighbours())).merged);
  }
}

TEST(WireRulesTest, V04_ThirtyTwoBitFieldsDoNotWrap) {
  const uint64_t values[] = {kTwoTo32, kTwoTo32 + 1, uint64_t{1} << 63, ~uint64_t{0} << 32};
  for (const uint64_t value : values) {
    const auto refused = [](const std::string& bytes) {
      ExpectRequestRefused(bytes, Reason::kInt32Overflow);
    };
    for (const uint32_t field : {1u, 2u, 3u}) {
      refused(WithRawRow(tables::function_table, VarintField(field, value)));
    }
    refused(WithRawRow(tables::mapping_table, VarintField(4, value)));
    refused(WithRawRow(tables::location_table, VarintField(1, value)));
    refused(WithRawRow(tables::location_table, BytesField(3, VarintField(1, value))));
    refused(WithRawRow(tables::attribute_table, VarintField(1, value)));
    refused(WithRawRow(tables::attribute_table, VarintField(3, value)));
    refused(WithRawRow(tables::attribute_table, BytesField(2, VarintField(8, value))));
    std::string packed;
    AppendVarint(value, &packed);
    refused(WithRawRow(tables::stack_table, BytesField(1, packed)));
    refused(WithRawRow(tables::stack_table, VarintField(1, value)));
    refused(WithRawRow(tables::location_table, BytesField(4, packed)));
    refused(WithRawSample(VarintField(1, value) + VarintField(4, 1)));
    refused(WithRawSample(VarintField(3, value) + BytesField(4, "\x01")));
    refused(WithRawProfile(VarintField(8, value)));
    refused(WithRawProfile(BytesField(1, VarintField(1, value))));
    refused(WithRawProfile(BytesField(11, packed)));
  }
}

TEST(WireRulesTest, V05_TagsOverThirtyTwoBitsRefuseTheRequest) {
  ExpectRequestRefused(WithRaw("\x88\x80\x80\x80\x10\x01"), Reason::kBadTag);
  ExpectRequestRefused(WithRawRow(tables::function_table, "\x88\x80\x80\x80\x10\x01"),
                       Reason::kBadTag);
  ExpectRequestRefused(WithRawSample("\x88\x80\x80\x80\x10\x01"), Reason::kBadTag);
}

TEST(WireRulesTest, V06_BadTagsRefuseTheRequest) {
  for (const std::string& bad : {"\x00\x01"s, "\x02\x00"s, "\x0E"s, "\x0F"s, "\x0C"s, "\x14"s}) {
    ExpectRequestRefused(WithRaw(bad), Reason::kBadTag);
    ExpectRequestRefused(WithRawRow(tables::location_table, bad), Reason::kBadTag);
    ExpectRequestRefused(WithRawRow(tables::attribute_table, BytesField(2, bad)), Reason::kBadTag);
    ExpectRequestRefused(WithRawProfile(bad), Reason::kBadTag);
    ExpectRequestRefused(WithRawSample(bad), Reason::kBadTag);
    ExpectRequestRefused(WithRaw(BytesField(2, bad)), Reason::kBadTag);
    ExpectRequestRefused(WithRaw(BytesField(1, bad)), Reason::kBadTag);
    ExpectRequestRefused(WithRaw(BytesField(1, BytesField(1, bad))), Reason::kBadTag);
    ExpectRequestRefused(WithRaw(BytesField(1, BytesField(2, bad))), Reason::kBadTag);
  }
}

TEST(WireRulesTest, V07_UnknownGroupsAreSkippedToADepth) {
  const auto groups = [](size_t depth) {
    std::string out;
    for (size_t i = 0; i < depth; ++i) AppendTag(100, 3, &out);
    for (size_t i = 0; i < depth; ++i) AppendTag(100, 4, &out);
    return out;
  };
  ExpectMeansNeighbours(WithRaw(groups(32)), Reason::kNone);
  ExpectMeansNeighbours(WithRawRow(tables::stack_table, groups(32)), Reason::kNone);
  ExpectRequestRefused(WithRaw(groups(33)), Reason::kGroupDepth);
  ExpectRequestRefused(WithRawRow(tables::stack_table, groups(33)), Reason::kGroupDepth);
  ExpectRequestRefused(WithRaw(groups(1'000'000)), Reason::kGroupDepth);
}

TEST(WireRulesTest, V08_KnownFieldsOfAnotherWireTypeRefuseTheRequest) {
  const auto refused = [](const std::string& bytes) {
    ExpectRequestRefused(bytes, Reason::kWrongWireType);
  };
  refused(WithRaw(VarintField(1, 0)));
  refused(WithRaw(VarintField(2, 0)));
  for (uint32_t table = 1; table <= 7; ++table)
    refused(WithRaw(BytesField(2, VarintField(table, 0))));
  refused(WithRaw(BytesField(1, VarintField(1, 0))));
  refused(WithRaw(BytesField(1, VarintField(2, 0))));
  refused(WithRaw(BytesField(1, VarintField(3, 0))));
  refused(WithRaw(BytesField(1, BytesField(1, VarintField(1, 0)))));
  refused(WithRaw(BytesField(1, BytesField(2, VarintField(2, 0)))));
  for (uint32_t field = 1; field <= 4; ++field) {
    refused(WithRawRow(tables::function_table, BytesField(field, "")));
    refused(WithRawRow(tables::mapping_table, BytesField(field, "")));
  }
  refused(WithRawRow(tables::location_table, BytesField(1, "")));
  refused(WithRawRow(tables::location_table, BytesField(2, "")));
  refused(WithRawRow(tables::location_table, VarintField(3, 0)));
  refused(WithRawRow(tables::location_table, BytesField(3, BytesField(2, ""))));
  refused(WithRawRow(tables::link_table, VarintField(1, 0)));
  refused(WithRawRow(tables::attribute_table, VarintField(2, 0)));
  for (const uint32_t member : {1u, 4u, 5u, 6u, 7u}) {
    refused(WithRawRow(tables::attribute_table, BytesField(2, VarintField(member, 0))));
  }
  for (const uint32_t member : {2u, 3u, 4u, 8u}) {
    refused(WithRawRow(tables::attribute_table, BytesField(2, BytesField(member, ""))));
    // A member that a later one replaces is judged too.
    refused(WithRawRow(tables::attribute_table,
                       BytesField(2, BytesField(member, "") + BytesField(1, "text"))));
  }
  refused(WithRawProfile(VarintField(1, 0)));
  refused(WithRawProfile(VarintField(2, 0)));
  refused(WithRawSample(BytesField(1, "")));
  std::string fixed;
  AppendTag(otlp::Sample::values, 1, &fixed);
  AppendFixed64(1, &fixed);
  refused(WithRawSample(fixed));
}

TEST(WireRulesTest, V09_RepeatedNumbersMayComeInAnyPieces) {
  WireStyle style;
  style.unpacked_share = 0.5;
  style.split_share = 0.5;
  auto request = Neighbours();
  schema::Sample& sample = *request.mutable_resource_profiles(0)
                                ->mutable_scope_profiles(0)
                                ->mutable_profiles(0)
                                ->mutable_samples(0);
  for (int i = 0; i < 9; ++i) {
    sample.add_values(1 << (3 * i));
    sample.add_timestamps_unix_nano(1'700'000'000'000'000'200 + static_cast<uint64_t>(i));
  }
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const std::string bytes = WireEmitter(style, seed).Emit(request);
    EXPECT_EQ(Pass(bytes).merged, Pass(Serialize(request)).merged) << seed;
  }
}

TEST(WireRulesTest, V09_FixedBlocksAreMultiplesOfEight) {
  for (const size_t size : {1u, 7u, 9u, 15u}) {
    ExpectRequestRefused(WithRawSample(BytesField(5, std::string(size, 'x'))),
                         Reason::kBadFixed64Block);
  }
}

TEST(WireRulesTest, V10_UnknownFieldsAreCountedAndLeftOut) {
  const std::string unknown = VarintField(1000, 5) + BytesField(1001, "secret");
  ExpectMeansNeighbours(WithRaw(unknown), Reason::kNone);
  const Passage passage = Pass(WithRaw(unknown));
  EXPECT_EQ(passage.report.unknown_fields, 2u);
  EXPECT_EQ(passage.merged, Pass(Serialize(Neighbours())).merged);
}

TEST(WireRulesTest, V11_RepeatedSingularMessagesAreOneMessage) {
  const auto small = Neighbours();
  // The dictionary in two pieces.
  auto first = small;
  auto second = small;
  first.clear_resource_profiles();
  first.mutable_dictionary()->clear_link_table();
  second.mutable_dictionary()->Clear();
  *second.mutable_dictionary()->mutable_link_table() = small.dictionary().link_table();
  ExpectMeansNeighbours(Serialize(first) + Serialize(second), Reason::kDuplicateField);

  // A resource in two pieces: attributes add up.
  auto half = small;
  const schema::KeyValue moved = half.resource_profiles(0).resource().attributes(0);
  OnlyResource(half).clear_attributes();
  schema::Resource rest;
  *rest.add_attributes() = moved;
  const std::string group =
      half.resource_profiles(0).SerializeAsString() + BytesField(1, rest.SerializeAsString());
  half.clear_resource_profiles();
  ExpectMeansNeighbours(Serialize(half) + BytesField(1, group), Reason::kDuplicateField);
}

TEST(WireRulesTest, V11_OfRepeatedScalarsTheLastCounts) {
  WireStyle style;
  style.repeated_singular_share = 0.5;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::string bytes = WireEmitter(style, seed).Emit(Neighbours());
    const Passage passage = Pass(bytes, {}, {.known_dialect = Dialect::kV1_10});
    EXPECT_EQ(passage.merged, Pass(Serialize(Neighbours())).merged) << seed;
  }
}

// The value of the suspect's attribute, given raw.
std::string WithRawValue(std::string_view value) {
  auto request = Neighbours();
  const int row = request.dictionary().attribute_table_size();
  Suspect(request).add_attribute_indices(row);
  return Serialize(request) + BytesField(2, BytesField(tables::attribute_table,
                                                       VarintField(1, 7) + BytesField(2, value)));
}

void ExpectSameValue(std::string_view raw, std::string_view plain) {
  const Passage passage = Pass(WithRawValue(raw));
  EXPECT_EQ(passage.report.profiles_accepted(), 2u);
  EXPECT_EQ(passage.merged, Pass(WithRawValue(plain)).merged);
  const ExpandedProfiles expected = Expand({WithRawValue(raw)});
  const ExpandedProfiles actual = Expand({passage.merged});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
}

TEST(WireRulesTest, V11_OfAnyValueMembersTheLastCountsAndListsGrow) {
  const std::string text = BytesField(1, "text");
  const std::string number = VarintField(3, 7);
  const std::string one = BytesField(5, BytesField(1, VarintField(3, 1)));
  const std::string two = BytesField(5, BytesField(1, VarintField(3, 2)));
  const std::string both =
      BytesField(5, BytesField(1, VarintField(3, 1)) + BytesField(1, VarintField(3, 2)));
  ExpectSameValue(text + number, number);
  ExpectSameValue(number + text, text);
  ExpectSameValue(one + two, both);
  ExpectSameValue(one + text + two, two);
  ExpectSameValue(text + one + two, both);
  ExpectSameValue(one + VarintField(99, 1) + two, both);
  EXPECT_GE(RepairsOf(Pass(WithRawValue(one + two)).report, Reason::kDuplicateField), 1u);
}

TEST(WireRulesTest, V11_WhatALaterMemberReplacesIsReadToo) {
  const auto refused = [](const std::string& replaced, Reason reason) {
    for (const std::string& later : {BytesField(1, "text"), VarintField(3, 7), BytesField(5, "")}) {
      ExpectRequestRefused(WithRawValue(replaced + later), reason);
    }
  };
  refused(BytesField(6, BytesField(1, "\x0A\x05z")), Reason::kTruncated);
  refused(BytesField(6, BytesField(1, BytesField(2, BytesField(6, "\x0A\x05z")))),
          Reason::kTruncated);
  refused(BytesField(6, BytesField(1, "\x0E")), Reason::kBadTag);
  refused(BytesField(6, BytesField(1, VarintField(3, kTwoTo32))), Reason::kInt32Overflow);
  refused(BytesField(6, VarintField(1, 0)), Reason::kWrongWireType);
  refused(VarintField(8, kTwoTo32), Reason::kInt32Overflow);
}

TEST(WireRulesTest, V11_WhatALaterMemberReplacesDoesNotCount) {
  const std::string text = BytesField(1, "text");
  const std::string no_such_row = VarintField(8, 9999);
  std::string deep;
  for (int i = 0; i < 40; ++i) deep = BytesField(5, BytesField(1, deep));
  ExpectSameValue(no_such_row + text, text);
  ExpectSameValue(BytesField(5, BytesField(1, no_such_row)) + text, text);
  ExpectSameValue(BytesField(1, std::string(70'000, 'x')) + text, text);
  ExpectSameValue(deep + text, text);
  ExpectSameValue(text + BytesField(5, "") + BytesField(6, ""), BytesField(6, ""));
}

TEST(WireRulesTest, V11_PiecesAreWholeMessagesEach) {
  // Cut in the middle of a field they would make one message, but no other decoder joins them.
  const auto cut = [](std::string_view whole, size_t at) {
    return std::pair(std::string(whole.substr(0, at)), std::string(whole.substr(at)));
  };
  const auto [head, tail] = cut(BytesField(1, "text"), 4);
  ExpectRequestRefused(
      WithRawRow(tables::attribute_table, BytesField(2, head) + BytesField(2, tail)),
      Reason::kTruncated);
  const auto [list_head, list_tail] = cut(BytesField(1, BytesField(1, "text")), 4);
  ExpectRequestRefused(WithRawValue(BytesField(5, list_head) + BytesField(5, list_tail)),
                       Reason::kTruncated);
  const std::string key_value = BytesField(1, "k") + BytesField(2, head) + BytesField(2, tail);
  ExpectRequestRefused(WithRaw(BytesField(1, BytesField(1, BytesField(1, key_value)))),
                       Reason::kTruncated);
  const auto [type_head, type_tail] = cut(VarintField(1, 300), 2);
  for (const uint32_t field : {1u, 5u}) {
    ExpectRequestRefused(
        WithRawProfile(BytesField(field, type_head) + BytesField(field, type_tail)),
        Reason::kTruncated);
  }
  const auto [who_head, who_tail] = cut(BytesField(1, BytesField(1, "k")), 3);
  ExpectRequestRefused(WithRaw(BytesField(1, BytesField(1, who_head) + BytesField(1, who_tail))),
                       Reason::kTruncated);
  ExpectRequestRefused(
      WithRaw(BytesField(1, BytesField(2, BytesField(1, who_head) + BytesField(1, who_tail)))),
      Reason::kTruncated);
}

TEST(WireRulesTest, V12_BrokenUtf8BecomesReplacementCharacters) {
  const auto with_name = [](const std::string& name) {
    std::string bytes = Serialize(Neighbours());
    const size_t at = bytes.find("_Zalloc");
    return bytes.replace(at, 7, name);
  };
  // libprotobuf would refuse to write these, so the bytes are edited.
  struct Case {
    std::string raw, repaired;
  } cases[] = {
      {"ab\xFFzzzz"s, "ab\xEF\xBF\xBDzzzz"s},
      {"\xC0\x80zzzzz"s, "\xEF\xBF\xBD\xEF\xBF\xBDzzzzz"s},
      {"z\xED\xA0\x80zzz"s, "z\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDzzz"s},
      {"zzzzz\xE2\x82"s, "zzzzz\xEF\xBF\xBD"s},
      {"\xF4\x90\x80\x80zzz"s, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDzzz"s},
  };
  for (const auto& [raw, repaired] : cases) {
    ASSERT_EQ(raw.size(), 7u);
    const Passage passage = Pass(with_name(raw));
    EXPECT_EQ(passage.report.profiles_accepted(), 2u);
    EXPECT_EQ(RepairsOf(passage.report, Reason::kBadUtf8), 1u);
    auto meant = Neighbours();
    *meant.mutable_dictionary()->mutable_string_table(
        SuspectFunction(meant).system_name_strindex()) = repaired;
    EXPECT_EQ(Expand({passage.merged}), Expand({Serialize(meant)}));
  }
}

TEST(WireRulesTest, V12_BrokenTextOutsideTheTableIsRepairedToo) {
  const auto repaired = [](std::string find, std::string raw) {
    std::string bytes = Serialize(Neighbours());
    bytes.replace(bytes.find(find), find.size(), raw);
    const Passage passage = Pass(bytes);
    EXPECT_EQ(passage.report.profiles_accepted(), 2u) << find;
    EXPECT_EQ(RepairsOf(passage.report, Reason::kBadUtf8), 1u) << find;
    (void)Parse(passage.merged);  // it is one for libprotobuf again
  };
  repaired("service.name", "service\xFFname");
  repaired("checkout", "check\xFFut");
  repaired("agent", "ag\xFFnt");
  repaired("https://example.com/scope", "https://ex\xFFmple.com/scope");
  repaired("worker-1",
           "worker\xFF"
           "1");
}

TEST(WireRulesTest, V13_ControlCharactersPass) {
  ExpectPassed([](auto& request) {
    request.mutable_dictionary()
        ->mutable_string_table(SuspectFunction(request).name_strindex())
        ->assign("a\0b\x01\x7F"s);
  });
}

void Nest(schema::AnyValue& value, int lists) {
  schema::AnyValue* inner = &value;
  for (int i = 0; i < lists; ++i) {
    inner = i % 2 == 0 ? inner->mutable_array_value()->add_values() : [&] {
      auto* pair = inner->mutable_kvlist_value()->add_values();
      pair->set_key("k");
      return pair->mutable_value();
    }();
  }
  inner->set_int_value(1);
}

TEST(WireRulesTest, V14_AttributeValuesNestThirtyTwoDeep) {
  ExpectPassed([](auto& request) { Nest(*SuspectAttribute(request).mutable_value(), 32); });
  ExpectSuspectRefused([](auto& request) { Nest(*SuspectAttribute(request).mutable_value(), 33); },
                       Reason::kAnyValueDepth);
}

TEST(WireRulesTest, V14_AMillionLevelsNeedNoStack) {
  // Lengths from the inside out, each list one element.
  std::string value;
  for (int i = 0; i < 5000; ++i) value = BytesField(5, BytesField(1, value));
  const Passage passage = Pass(WithRawValue(value));
  EXPECT_EQ(passage.report.profiles_rejected, 1u);
  EXPECT_EQ(passage.report.rejected_by_reason[static_cast<size_t>(Reason::kAnyValueDepth)], 1u);
}

TEST(WireRulesTest, V15_ElementsOfAttributeValuesCount) {
  std::string list;
  for (int i = 0; i < 1000; ++i) list += BytesField(1, "");
  RequestOptions options;
  options.limits.max_elements = 1000;
  const Passage passage = Pass(WithRawValue(BytesField(5, list)), options);
  EXPECT_EQ(passage.report.outcome, DecodeReport::Outcome::kTooLarge);
  EXPECT_EQ(passage.report.reason, Reason::kTooManyElements);
  options.limits.max_elements = 1100;
  EXPECT_EQ(Pass(WithRawValue(BytesField(5, list)), options).report.profiles_accepted(), 2u);
}

}  // namespace
}  // namespace flameway
