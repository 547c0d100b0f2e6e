// SPDX-License-Identifier: Apache-2.0
// What references may not say: V20 to V29, and how far a bad row reaches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/otlp/fields.h"
#include "tests/processor/core_fixture.h"
#include "tests/processor/request/neighbours.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

using Request = schema::ExportProfilesServiceRequest;
namespace tables = otlp::ProfilesDictionary;

void Unchanged(Request&) {}

// Every place of the suspect's world where an index stands, written with `index`.
std::vector<std::pair<std::string, Edit>> IndexPlaces(int32_t index) {
  return {
      {"sample_type.type",
       [=](Request& r) { Suspect(r).mutable_sample_type()->set_type_strindex(index); }},
      {"sample_type.unit",
       [=](Request& r) { Suspect(r).mutable_sample_type()->set_unit_strindex(index); }},
      {"period_type.type",
       [=](Request& r) { Suspect(r).mutable_period_type()->set_type_strindex(index); }},
      {"period_type.unit",
       [=](Request& r) { Suspect(r).mutable_period_type()->set_unit_strindex(index); }},
      {"profile.attribute", [=](Request& r) { Suspect(r).set_attribute_indices(0, index); }},
      {"sample.stack", [=](Request& r) { SuspectSample(r).set_stack_index(index); }},
      {"sample.attribute", [=](Request& r) { SuspectSample(r).set_attribute_indices(0, index); }},
      {"sample.link", [=](Request& r) { SuspectSample(r).set_link_index(index); }},
      {"stack.location", [=](Request& r) { SuspectStack(r).set_location_indices(0, index); }},
      {"location.mapping", [=](Request& r) { SuspectLocation(r).set_mapping_index(index); }},
      {"location.attribute",
       [=](Request& r) { SuspectLocation(r).set_attribute_indices(0, index); }},
      {"line.function",
       [=](Request& r) { SuspectLocation(r).mutable_lines(0)->set_function_index(index); }},
      {"mapping.filename", [=](Request& r) { SuspectMapping(r).set_filename_strindex(index); }},
      {"mapping.attribute", [=](Request& r) { SuspectMapping(r).set_attribute_indices(0, index); }},
      {"function.name", [=](Request& r) { SuspectFunction(r).set_name_strindex(index); }},
      {"function.system_name",
       [=](Request& r) { SuspectFunction(r).set_system_name_strindex(index); }},
      {"function.filename", [=](Request& r) { SuspectFunction(r).set_filename_strindex(index); }},
      {"attribute.key", [=](Request& r) { SuspectAttribute(r).set_key_strindex(index); }},
      {"attribute.unit", [=](Request& r) { SuspectAttribute(r).set_unit_strindex(index); }},
      {"attribute.value",
       [=](Request& r) { SuspectAttribute(r).mutable_value()->set_string_value_strindex(index); }},
      {"attribute.value in a list",
       [=](Request& r) {
         auto* list = SuspectAttribute(r).mutable_value()->mutable_array_value();
         list->add_values()->set_int_value(1);
         list->add_values()->set_string_value_strindex(index);
       }},
      {"attribute.value key in a list",
       [=](Request& r) {
         auto* list = SuspectAttribute(r).mutable_value()->mutable_kvlist_value();
         list->add_values()->set_key_strindex(index);
       }},
  };
}

TEST(ReferenceRulesTest, V20_AnIndexPastItsTableRefusesWhoReachesIt) {
  for (const int32_t index : {1000, INT32_MAX}) {
    for (const auto& [place, edit] : IndexPlaces(index)) {
      SCOPED_TRACE(place);
      ExpectSuspectRefused(edit, Reason::kIndexOutOfRange);
    }
  }
}

TEST(ReferenceRulesTest, V20_TheLastRowIsInRangeAndTheNextIsNot) {
  ExpectPassed(
      [](Request& r) { SuspectSample(r).set_stack_index(r.dictionary().stack_table_size() - 1); });
  ExpectSuspectRefused(
      [](Request& r) { SuspectSample(r).set_stack_index(r.dictionary().stack_table_size()); },
      Reason::kIndexOutOfRange);
}

TEST(ReferenceRulesTest, V21_ANegativeIndexRefusesWhoReachesIt) {
  for (const int32_t index : {-1, INT32_MIN}) {
    for (const auto& [place, edit] : IndexPlaces(index)) {
      SCOPED_TRACE(place);
      ExpectSuspectRefused(edit, Reason::kIndexNegative);
    }
  }
}

// The unusual wire forms go another way through the decoder; they say no as well.
TEST(ReferenceRulesTest, V20_V21_HoldForUnpackedListsAndUnusualRows) {
  WireStyle style;
  style.unpacked_share = 1;
  style.unknown_field_share = 0.5;
  for (const int32_t index : {1000, -1}) {
    for (const auto& [place, edit] : IndexPlaces(index)) {
      SCOPED_TRACE(place);
      Request request = Neighbours();
      edit(request);
      const Passage passage = Pass(WireEmitter(style, 1).Emit(request));
      EXPECT_EQ(passage.report.profiles_rejected, 1u);
      EXPECT_EQ(ReasonWord(passage.report.examples.at(0).reason),
                index < 0 ? "index_negative" : "index_out_of_range");
    }
  }
}

TEST(ReferenceRulesTest, P1_BadRowsThatNobodyReachesHarmNobody) {
  const auto harmless = [](uint32_t table, const std::string& row) {
    SCOPED_TRACE(table);
    const Passage passage = Pass(WithRawRow(table, row));
    EXPECT_EQ(passage.report.profiles_accepted(), 2u) << passage.report.Message();
    EXPECT_EQ(passage.merged, Pass(Serialize(Neighbours())).merged);
  };
  harmless(tables::function_table, VarintField(1, 1000));
  harmless(tables::mapping_table, VarintField(4, 1000));
  harmless(tables::location_table, VarintField(1, 1000));
  harmless(tables::location_table, BytesField(3, VarintField(1, 1000)));
  harmless(tables::stack_table, BytesField(1, "\x7F"));
  harmless(tables::attribute_table, VarintField(1, 1000));
  harmless(tables::string_table, std::string(100'000, 'x'));
  harmless(tables::link_table, BytesField(1, "short"));
}

TEST(ReferenceRulesTest, P1_ABadFunctionReachesOnlyWhoseStacksCallIt) {
  // Three profiles; the second calls the bad function two frames up, the third only the good ones.
  Request request = Neighbours();
  SuspectFunction(request).set_name_strindex(99'999);
  SuspectStack(request).set_location_indices(0, 1);
  SuspectStack(request).add_location_indices(2);
  auto* scope = request.mutable_resource_profiles(0)->mutable_scope_profiles(0);
  *scope->add_profiles() = Suspect(request);
  scope->mutable_profiles(2)->mutable_samples(0)->set_stack_index(1);
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.profiles_received, 3u);
  EXPECT_EQ(passage.report.profiles_rejected, 1u);
  EXPECT_EQ(passage.report.examples.at(0).profile_index, 1u);
}

TEST(ReferenceRulesTest, P1_ABadRowInAResourceReachesEveryProfileBelowAndNoOther) {
  Request request = Neighbours();
  // Counted from resource 1: two scopes with three profiles.
  auto* bad = request.add_resource_profiles();
  *bad = request.resource_profiles(0);
  bad->mutable_resource()->add_attributes()->set_key_strindex(99'999);
  *bad->add_scope_profiles() = bad->scope_profiles(0);
  bad->mutable_scope_profiles(1)->mutable_profiles()->RemoveLast();
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.profiles_received, 5u);
  EXPECT_EQ(passage.report.profiles_rejected, 3u);
  EXPECT_EQ(passage.report.rejected_by_reason[static_cast<size_t>(Reason::kIndexOutOfRange)], 3u);
  EXPECT_EQ(passage.report.examples.at(2).FieldPath(),
            "resource_profiles[1].scope_profiles[1].profiles[0]");
  EXPECT_EQ(passage.merged, Pass(Serialize(Neighbours())).merged);
}

TEST(ReferenceRulesTest, P1_ABadRowInAScopeReachesOnlyItsProfiles) {
  Request request = Neighbours();
  auto* bad = request.mutable_resource_profiles(0)->add_scope_profiles();
  *bad = request.resource_profiles(0).scope_profiles(0);
  bad->mutable_scope()->add_attributes()->mutable_value()->set_string_value_strindex(-5);
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.profiles_rejected, 2u);
  EXPECT_EQ(passage.report.rejected_by_reason[static_cast<size_t>(Reason::kIndexNegative)], 2u);
  EXPECT_EQ(passage.merged, Pass(Serialize(Neighbours())).merged);
}

TEST(ReferenceRulesTest, WhenEveryProfileIsRefusedTheRequestIs) {
  Request request = Neighbours();
  OnlyResource(request).mutable_attributes(0)->mutable_value()->set_string_value_strindex(99'999);
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.outcome, DecodeReport::Outcome::kInvalid);
  EXPECT_EQ(passage.report.reason, Reason::kIndexOutOfRange);
  EXPECT_EQ(passage.report.profiles_received, 2u);
  EXPECT_EQ(passage.report.profiles_rejected, 2u);
  EXPECT_EQ(passage.report.samples_rejected, 2u);
  EXPECT_EQ(passage.report.samples_accepted(), 0u);
  EXPECT_EQ(passage.merged, "");
}

TEST(ReferenceRulesTest, OfManyRefusalsTheFirstTenAreNamedAndAllAreCounted) {
  Request request = Neighbours();
  SuspectSample(request).set_stack_index(-1);
  auto* scope = request.mutable_resource_profiles(0)->mutable_scope_profiles(0);
  for (int i = 0; i < 29; ++i) *scope->add_profiles() = Suspect(request);
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.profiles_rejected, 30u);
  EXPECT_EQ(passage.report.examples.size(), DecodeReport::kMaxExamples);
  EXPECT_LE(passage.report.Message().size(), 1024u);
}

TEST(ReferenceRulesTest, V22_WithoutADictionaryOnlyZeroesAreLegal) {
  Request request = Neighbours();
  request.clear_dictionary();
  EXPECT_EQ(Pass(Serialize(request)).report.reason, Reason::kDictionaryMissing);

  Request zeroes;
  auto* profile = zeroes.add_resource_profiles()->add_scope_profiles()->add_profiles();
  profile->add_samples()->add_values(3);
  const Passage passage = Pass(Serialize(zeroes));
  EXPECT_EQ(passage.report.profiles_accepted(), 1u);
  EXPECT_GE(RepairsOf(passage.report, Reason::kDictionaryMissing), 1u);
  EXPECT_EQ(Parse(passage.merged).dictionary().string_table_size(), 1);
}

TEST(ReferenceRulesTest, V22_AnEmptyRequestIsFine) {
  for (const std::string& bytes : {std::string(), BytesField(1, ""), BytesField(2, "")}) {
    const Passage passage = Pass(bytes);
    EXPECT_EQ(passage.report.outcome, DecodeReport::Outcome::kAccepted);
    EXPECT_EQ(passage.report.profiles_received, 0u);
    EXPECT_EQ(passage.merged, "");
  }
}

TEST(ReferenceRulesTest, V23_EmptyTablesGetTheirZeroRow) {
  const auto no_links = [](Request& r) {
    r.mutable_dictionary()->clear_link_table();
    for (auto& p : *r.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles()) {
      p.mutable_samples(0)->set_link_index(0);
    }
  };
  ExpectRepaired(no_links, Reason::kTableEmpty, no_links);
}

TEST(ReferenceRulesTest, V23_AReferenceIntoAnEmptyTableIsOutOfRange) {
  Request request = Neighbours();
  request.mutable_dictionary()->clear_link_table();
  request.mutable_resource_profiles(0)
      ->mutable_scope_profiles(0)
      ->mutable_profiles(0)
      ->mutable_samples(0)
      ->set_link_index(0);
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.profiles_rejected, 1u);
  EXPECT_EQ(passage.report.examples.at(0).reason, Reason::kIndexOutOfRange);
}

TEST(ReferenceRulesTest, V24_TextInStringZeroRefusesTheRequest) {
  Request request = Neighbours();
  request.mutable_dictionary()->set_string_table(0, "oops");
  ExpectRequestRefused(Serialize(request), Reason::kRow0NotZero);
}

TEST(ReferenceRulesTest, V24_ARealRowZeroRefusesWhoUsesIndexZero) {
  ExpectSuspectRefused(
      [](Request& r) {
        r.mutable_dictionary()->mutable_stack_table(0)->add_location_indices(1);
        SuspectSample(r).set_stack_index(0);
      },
      Reason::kRow0NotZero);
  ExpectSuspectRefused(
      [](Request& r) {
        *r.mutable_dictionary()->mutable_link_table(0) = r.dictionary().link_table(1);
        SuspectSample(r).set_link_index(0);
      },
      Reason::kRow0NotZero);
  ExpectSuspectRefused(
      [](Request& r) {
        r.mutable_dictionary()->mutable_mapping_table(0)->set_memory_limit(1);
        SuspectLocation(r).set_mapping_index(0);
      },
      Reason::kRow0NotZero);
  ExpectSuspectRefused(
      [](Request& r) {
        r.mutable_dictionary()->mutable_function_table(0)->set_start_line(1);
        SuspectLocation(r).mutable_lines(0)->set_function_index(0);
      },
      Reason::kRow0NotZero);
  ExpectSuspectRefused(
      [](Request& r) {
        r.mutable_dictionary()->mutable_location_table(0)->set_address(1);
        SuspectStack(r).add_location_indices(0);
      },
      Reason::kRow0NotZero);
}

TEST(ReferenceRulesTest, V24_ARealRowZeroThatNobodyUsesIsLeftOut) {
  Request request = Neighbours();
  auto* dictionary = request.mutable_dictionary();
  dictionary->mutable_stack_table(0)->add_location_indices(1);
  dictionary->mutable_function_table(0)->set_start_line(1);
  dictionary->mutable_mapping_table(0)->set_memory_limit(1);
  dictionary->mutable_location_table(0)->set_address(1);
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.profiles_accepted(), 2u) << passage.report.Message();
  EXPECT_EQ(passage.merged, Pass(Serialize(Neighbours())).merged);
}

TEST(ReferenceRulesTest, V24_ZeroIsJudgedByValueNotByBytes) {
  using std::string_literals::operator""s;
  Request request = Neighbours();
  const std::string rows[][2] = {
      {"link ids of zeros",
       "\x22\x1C\x0A\x10"s + std::string(16, '\0') + "\x12\x08" + std::string(8, '\0')},
      {"empty link ids", "\x22\x04\x12\x00\x0A\x00"s},
      {"empty attribute value", "\x32\x02\x12\x00"s},
      {"explicit function defaults", "\x1A\x04\x08\x00\x20\x00"s},
      {"explicit location defaults", "\x12\x04\x08\x00\x10\x00"s},
      {"an empty frame list", "\x3A\x02\x0A\x00"s},
  };
  for (const auto& [what, row] : rows) {
    SCOPED_TRACE(what);
    // In front: it becomes row 0, and the row 0 that was there is deleted.
    Request rest = request;
    auto* d = rest.mutable_dictionary();
    switch (static_cast<unsigned char>(row[0]) >> 3) {
      case 2:
        d->mutable_location_table()->DeleteSubrange(0, 1);
        break;
      case 3:
        d->mutable_function_table()->DeleteSubrange(0, 1);
        break;
      case 4:
        d->mutable_link_table()->DeleteSubrange(0, 1);
        break;
      case 6:
        d->mutable_attribute_table()->DeleteSubrange(0, 1);
        break;
      default:
        d->mutable_stack_table()->DeleteSubrange(0, 1);
        break;
    }
    auto* first = rest.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles(0);
    first->mutable_samples(0)->set_link_index(0);
    auto expected = request;
    *expected.mutable_resource_profiles() = rest.resource_profiles();
    const Passage passage = Pass(BytesField(2, row) + Serialize(rest));
    EXPECT_EQ(passage.report.profiles_accepted(), 2u) << passage.report.Message();
    EXPECT_EQ(passage.merged, Pass(Serialize(expected)).merged);
  }
}

// Appends a copy of each row but row 0. The copy of row i is row i plus what is returned.
template <typename Table>
int CopyRows(Table& table) {
  const int offset = table.size() - 1;
  for (int i = 1; i <= offset; ++i) *table.Add() = table.Get(i);
  return offset;
}
void Move(google::protobuf::RepeatedField<int32_t>& indices, int offset) {
  for (int32_t& index : indices) index += index == 0 ? 0 : offset;
}
int32_t Moved(int32_t index, int offset) { return index == 0 ? 0 : index + offset; }

TEST(ReferenceRulesTest, V25_RowsThatComeTwiceLeaveAsOneWhicheverIsMetFirst) {
  // Two samples that share all but their stacks, whose frames are the same.
  Request once = SmallRequest();
  auto& stack_table = *once.mutable_dictionary()->mutable_stack_table();
  const schema::Stack stack = stack_table.Get(stack_table.size() - 1);
  stack_table.Add()->CopyFrom(stack);
  stack_table.Mutable(stack_table.size() - 1)->add_location_indices(stack.location_indices(0));
  auto& one = *once.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles(0);
  ASSERT_EQ(one.samples_size(), 1);
  *one.add_samples() = one.samples(0);
  one.mutable_samples(1)->set_stack_index(stack_table.size() - 1);

  Request twice = once;
  schema::ProfilesDictionary& dictionary = *twice.mutable_dictionary();
  const int strings = CopyRows(*dictionary.mutable_string_table());
  const int attributes = CopyRows(*dictionary.mutable_attribute_table());
  const int functions = CopyRows(*dictionary.mutable_function_table());
  const int mappings = CopyRows(*dictionary.mutable_mapping_table());
  const int locations = CopyRows(*dictionary.mutable_location_table());
  const int stacks = CopyRows(*dictionary.mutable_stack_table());
  const int links = CopyRows(*dictionary.mutable_link_table());
  for (int i = 1; i <= attributes; ++i) {
    auto& row = *dictionary.mutable_attribute_table(i + attributes);
    row.set_key_strindex(Moved(row.key_strindex(), strings));
    row.set_unit_strindex(Moved(row.unit_strindex(), strings));
  }
  for (int i = 1; i <= functions; ++i) {
    auto& row = *dictionary.mutable_function_table(i + functions);
    row.set_name_strindex(Moved(row.name_strindex(), strings));
    row.set_system_name_strindex(Moved(row.system_name_strindex(), strings));
    row.set_filename_strindex(Moved(row.filename_strindex(), strings));
  }
  for (int i = 1; i <= mappings; ++i) {
    auto& row = *dictionary.mutable_mapping_table(i + mappings);
    row.set_filename_strindex(Moved(row.filename_strindex(), strings));
    Move(*row.mutable_attribute_indices(), attributes);
  }
  for (int i = 1; i <= locations; ++i) {
    auto& row = *dictionary.mutable_location_table(i + locations);
    row.set_mapping_index(Moved(row.mapping_index(), mappings));
    for (auto& line : *row.mutable_lines())
      line.set_function_index(Moved(line.function_index(), functions));
    Move(*row.mutable_attribute_indices(), attributes);
  }
  for (int i = 1; i <= stacks; ++i)
    Move(*dictionary.mutable_stack_table(i + stacks)->mutable_location_indices(), locations);
  // The sample that has the copies comes first.
  schema::Sample& first = *twice.mutable_resource_profiles(0)
                               ->mutable_scope_profiles(0)
                               ->mutable_profiles(0)
                               ->mutable_samples(0);
  first.set_stack_index(Moved(first.stack_index(), stacks));
  first.set_link_index(Moved(first.link_index(), links));
  Move(*first.mutable_attribute_indices(), attributes);

  const Request expected = Parse(Merge({Serialize(once)}));
  const Request merged = Parse(Merge({Serialize(twice)}));
  EXPECT_EQ(merged.dictionary().string_table_size(), expected.dictionary().string_table_size());
  EXPECT_EQ(merged.dictionary().attribute_table_size(),
            expected.dictionary().attribute_table_size());
  EXPECT_EQ(merged.dictionary().function_table_size(), expected.dictionary().function_table_size());
  EXPECT_EQ(merged.dictionary().mapping_table_size(), expected.dictionary().mapping_table_size());
  EXPECT_EQ(merged.dictionary().location_table_size(), expected.dictionary().location_table_size());
  EXPECT_EQ(merged.dictionary().stack_table_size(), expected.dictionary().stack_table_size());
  EXPECT_EQ(merged.dictionary().link_table_size(), expected.dictionary().link_table_size());
  EXPECT_EQ(merged.resource_profiles(0).scope_profiles(0).profiles(0).samples_size(), 2);
}

TEST(ReferenceRulesTest, V26_WhatNobodyReferredToMayBeReferredToByTheNextRequest) {
  // Nobody has the location in a stack, so its function and that one's strings leave with it.
  Request orphaned = SmallRequest();
  schema::ProfilesDictionary& dictionary = *orphaned.mutable_dictionary();
  schema::Function& function = *dictionary.add_function_table();
  function.set_name_strindex(dictionary.string_table_size());
  dictionary.add_string_table("nobody");
  schema::Location& location = *dictionary.add_location_table();
  location.set_address(0x1234);
  location.add_lines()->set_function_index(dictionary.function_table_size() - 1);
  EXPECT_EQ(Merge({Serialize(orphaned)}), Merge({Serialize(SmallRequest())}));

  // Rows of the same numbers, met by another way: not as the function of a first line.
  Request used = orphaned;
  schema::Location& other = *used.mutable_dictionary()->mutable_location_table(
      used.dictionary().location_table_size() - 1);
  *other.mutable_lines(0) = used.dictionary().location_table(1).lines(0);
  other.add_lines()->set_function_index(used.dictionary().function_table_size() - 1);
  auto& stacks = *used.mutable_dictionary()->mutable_stack_table();
  stacks.Mutable(stacks.size() - 1)
      ->add_location_indices(used.dictionary().location_table_size() - 1);
  const std::string merged = Merge({Serialize(orphaned), Serialize(used)});
  EXPECT_EQ(merged, Merge({Serialize(SmallRequest()), Serialize(used)}));
  EXPECT_EQ(Parse(merged).dictionary().function_table_size(),
            used.dictionary().function_table_size());
}

TEST(ReferenceRulesTest, V25_V26_DuplicateAndOrphanRowsLeaveNoTrace) {
  Request request = Neighbours();
  auto* dictionary = request.mutable_dictionary();
  *dictionary->add_function_table() = SuspectFunction(request);
  *dictionary->add_location_table() = SuspectLocation(request);
  dictionary->mutable_location_table(3)->mutable_lines(0)->set_function_index(3);
  dictionary->add_stack_table()->add_location_indices(3);
  dictionary->add_stack_table()->add_location_indices(1);  // orphan
  dictionary->add_string_table("nobody");
  SuspectSample(request).clear_values();
  SuspectSample(request).add_values(1);
  schema::Sample& other = *Suspect(request).add_samples();
  other = SuspectSample(request);
  other.set_stack_index(3);
  const Passage passage = Pass(Serialize(request));
  const auto merged = Parse(passage.merged);
  EXPECT_EQ(merged.dictionary().stack_table_size(), 3);
  EXPECT_EQ(merged.dictionary().function_table_size(), 3);
  const auto& out = merged.resource_profiles(0).scope_profiles(0).profiles(1);
  ASSERT_EQ(out.samples_size(), 1) << "V35: one identity, one sample";
  EXPECT_EQ(out.samples(0).values(0), 2);
}

TEST(ReferenceRulesTest, V27_TheSameAttributeTwiceCountsOnce) {
  const auto twice = [](Request& r) { SuspectSample(r).add_attribute_indices(3); };
  ExpectRepaired(twice, Reason::kDuplicateKey, Unchanged);
  // Equal by value, in another row.
  const auto equal = [](Request& r) {
    *r.mutable_dictionary()->add_attribute_table() = SuspectAttribute(r);
    SuspectSample(r).add_attribute_indices(4);
  };
  ExpectRepaired(equal, Reason::kDuplicateKey, Unchanged);
}

TEST(ReferenceRulesTest, V27_TwoValuesForAKeyRefuseTheProfile) {
  const auto other_value = [](Request& r) {
    schema::KeyValueAndUnit& row = *r.mutable_dictionary()->add_attribute_table();
    row = SuspectAttribute(r);
    row.mutable_value()->set_string_value("blue");
    return r.dictionary().attribute_table_size() - 1;
  };
  ExpectSuspectRefused([&](Request& r) { SuspectSample(r).add_attribute_indices(other_value(r)); },
                       Reason::kDuplicateKey);
  ExpectSuspectRefused([&](Request& r) { Suspect(r).add_attribute_indices(other_value(r)); },
                       Reason::kDuplicateKey);
  ExpectSuspectRefused(
      [&](Request& r) { SuspectLocation(r).add_attribute_indices(other_value(r)); },
      Reason::kDuplicateKey);
  ExpectSuspectRefused([&](Request& r) { SuspectMapping(r).add_attribute_indices(other_value(r)); },
                       Reason::kDuplicateKey);
}

TEST(ReferenceRulesTest, V27_LongListsAreCheckedAsShortOnes) {
  const auto many = [](Request& r, int count) {
    for (int i = 0; i < count; ++i) {
      r.mutable_dictionary()->add_string_table("key" + std::to_string(i));
      auto* row = r.mutable_dictionary()->add_attribute_table();
      row->set_key_strindex(r.dictionary().string_table_size() - 1);
      row->mutable_value()->set_int_value(i);
      SuspectSample(r).add_attribute_indices(r.dictionary().attribute_table_size() - 1);
    }
  };
  ExpectPassed([&](Request& r) { many(r, 100); });
  ExpectRepaired(
      [&](Request& r) {
        many(r, 100);
        SuspectSample(r).add_attribute_indices(50);
        SuspectSample(r).add_attribute_indices(0);
      },
      Reason::kDuplicateKey, [&](Request& r) { many(r, 100); });
  ExpectSuspectRefused(
      [&](Request& r) {
        many(r, 100);
        auto* row = r.mutable_dictionary()->add_attribute_table();
        *row = r.dictionary().attribute_table(50);
        row->mutable_value()->set_int_value(-1);
        SuspectSample(r).add_attribute_indices(r.dictionary().attribute_table_size() - 1);
      },
      Reason::kDuplicateKey);
}

TEST(ReferenceRulesTest, V28_NullAttributesAreLeftOut) {
  ExpectRepaired([](Request& r) { SuspectSample(r).add_attribute_indices(0); },
                 Reason::kNullAttribute, Unchanged);
  ExpectRepaired([](Request& r) { Suspect(r).add_attribute_indices(0); }, Reason::kNullAttribute,
                 Unchanged);
  ExpectRepaired([](Request& r) { SuspectLocation(r).add_attribute_indices(0); },
                 Reason::kNullAttribute, Unchanged);
}

TEST(ReferenceRulesTest, V29_NullReferencesPass) {
  ExpectPassed([](Request& r) { SuspectStack(r).add_location_indices(0); });
  ExpectPassed([](Request& r) { SuspectSample(r).set_stack_index(0); });
  ExpectPassed([](Request& r) { SuspectSample(r).set_link_index(0); });
  ExpectPassed([](Request& r) { SuspectLocation(r).set_mapping_index(0); });
  ExpectPassed([](Request& r) { SuspectLocation(r).mutable_lines(0)->set_function_index(0); });
}

}  // namespace
}  // namespace flameway
