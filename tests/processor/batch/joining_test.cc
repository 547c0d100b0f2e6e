// SPDX-License-Identifier: Apache-2.0
// Which profiles and samples may be joined, and which must stay apart:
// docs/decisions/0003-what-may-be-joined.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/processor/core_fixture.h"
#include "tests/support/renumber.h"
#include "tests/support/well_formed.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();

schema::Profile& ProfileOf(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles(0);
}

// SmallRequest with one sample of the given measurements.
ExportProfilesServiceRequest With(const std::vector<int64_t>& values,
                                  const std::vector<uint64_t>& timestamps, uint64_t time = 1000,
                                  uint64_t duration = 100) {
  ExportProfilesServiceRequest request = SmallRequest();
  schema::Profile& profile = ProfileOf(request);
  profile.set_time_unix_nano(time);
  profile.set_duration_nano(duration);
  schema::Sample& sample = *profile.mutable_samples(0);
  *sample.mutable_values() = {values.begin(), values.end()};
  *sample.mutable_timestamps_unix_nano() = {timestamps.begin(), timestamps.end()};
  return request;
}

struct Merged {
  ExportProfilesServiceRequest request;
  std::vector<schema::Profile> profiles;  // of all scopes, in order
};

Merged Join(const std::vector<ExportProfilesServiceRequest>& requests,
            Coalesce coalesce = Coalesce::kLossless) {
  std::vector<std::string> wire;
  for (const auto& request : requests) wire.push_back(Serialize(request));
  const std::string bytes = Merge(wire, coalesce);
  Merged merged{.request = Parse(bytes), .profiles = {}};
  EXPECT_THAT(CheckWellFormed(merged.request), IsEmpty());
  for (const auto& resource : merged.request.resource_profiles()) {
    for (const auto& scope : resource.scope_profiles()) {
      for (const auto& profile : scope.profiles()) merged.profiles.push_back(profile);
    }
  }
  if (coalesce != Coalesce::kAll) {
    EXPECT_EQ(Expand({bytes}), Expand(wire));
  }
  return merged;
}

// How many profiles the two requests become.
size_t ProfilesOf(const ExportProfilesServiceRequest& a, const ExportProfilesServiceRequest& b,
                  Coalesce coalesce = Coalesce::kLossless) {
  return Join({a, b}, coalesce).profiles.size();
}

TEST(JoiningTest, PlainValuesOfOneWindowAdd) {
  const Merged merged = Join({With({3}, {}), With({4}, {})});
  ASSERT_EQ(merged.profiles.size(), 1u);
  ASSERT_EQ(merged.profiles[0].samples_size(), 1);
  EXPECT_THAT(merged.profiles[0].samples(0).values(), ElementsAre(7));
  EXPECT_EQ(merged.profiles[0].time_unix_nano(), 1000u);
}

TEST(JoiningTest, PlainValuesOfTwoWindowsStayApart) {
  EXPECT_EQ(ProfilesOf(With({3}, {}, 1000, 100), With({4}, {}, 1100, 100)), 2u);
  EXPECT_EQ(ProfilesOf(With({3}, {}, 1000, 100), With({4}, {}, 1000, 200)), 2u);
}

TEST(JoiningTest, TimestampsJoinAcrossWindowsAndTheWindowIsTheUnion) {
  const Merged merged = Join(
      {With({}, {1050, 1060}, 1000, 100), With({}, {950}, 900, 60), With({}, {1250}, 1200, 90)});
  ASSERT_EQ(merged.profiles.size(), 1u);
  EXPECT_EQ(merged.profiles[0].time_unix_nano(), 900u);
  EXPECT_EQ(merged.profiles[0].duration_nano(), 390u);
  ASSERT_EQ(merged.profiles[0].samples_size(), 1);
  EXPECT_THAT(merged.profiles[0].samples(0).timestamps_unix_nano(),
              ElementsAre(1050, 1060, 950, 1250));
}

TEST(JoiningTest, TimedValuesKeepTheirPairs) {
  const Merged merged = Join({With({1, 2}, {1001, 1002}), With({30'000, -4}, {1103, 1104}, 1100)});
  ASSERT_EQ(merged.profiles.size(), 1u);
  const schema::Sample& sample = merged.profiles[0].samples(0);
  EXPECT_THAT(sample.values(), ElementsAre(1, 2, 30'000, -4));
  EXPECT_THAT(sample.timestamps_unix_nano(), ElementsAre(1001, 1002, 1103, 1104));
}

TEST(JoiningTest, TheUnionOfWindowsDoesNotWrap) {
  constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();
  const Merged merged = Join({With({}, {5}, 1000, kEnd), With({}, {6}, kEnd - 5, 100)});
  ASSERT_EQ(merged.profiles.size(), 1u);
  EXPECT_EQ(merged.profiles[0].time_unix_nano(), 1000u);
  EXPECT_EQ(merged.profiles[0].duration_nano(), kEnd - 1000);
}

TEST(JoiningTest, AProfileWithoutATimeStaysWithItsLike) {
  EXPECT_EQ(ProfilesOf(With({}, {5}, 0, 0), With({}, {6}, 0, 0)), 1u);
  EXPECT_EQ(ProfilesOf(With({}, {5}, 0, 0), With({}, {6}, 1000, 100)), 2u);
}

TEST(JoiningTest, ShapesStayApart) {
  EXPECT_EQ(ProfilesOf(With({}, {1001}), With({5}, {1001})), 2u);
  EXPECT_EQ(ProfilesOf(With({}, {1001}), With({5}, {})), 2u);
  EXPECT_EQ(ProfilesOf(With({5}, {1001}), With({5}, {})), 2u);
  EXPECT_EQ(ProfilesOf(With({5}, {}), With({5, 6}, {})), 2u);
}

TEST(JoiningTest, ListsOfValuesStayAsTheyAre) {
  const Merged merged = Join({With({3, 4}, {}), With({3, 4}, {}), With({5, 6, 7}, {})});
  ASSERT_EQ(merged.profiles.size(), 1u);
  ASSERT_EQ(merged.profiles[0].samples_size(), 3);
  EXPECT_THAT(merged.profiles[0].samples(0).values(), ElementsAre(3, 4));
  EXPECT_THAT(merged.profiles[0].samples(1).values(), ElementsAre(3, 4));
  EXPECT_THAT(merged.profiles[0].samples(2).values(), ElementsAre(5, 6, 7));
}

TEST(JoiningTest, InAMixedProfileSamplesJoinByShape) {
  ExportProfilesServiceRequest mixed = With({3}, {});
  schema::Sample events = ProfileOf(mixed).samples(0);
  events.clear_values();
  events.add_timestamps_unix_nano(1001);
  *ProfileOf(mixed).add_samples() = events;
  const Merged merged = Join({mixed, mixed});
  ASSERT_EQ(merged.profiles.size(), 1u);
  ASSERT_EQ(merged.profiles[0].samples_size(), 2);
  EXPECT_THAT(merged.profiles[0].samples(0).values(), ElementsAre(6));
  EXPECT_THAT(merged.profiles[0].samples(1).timestamps_unix_nano(), ElementsAre(1001, 1001));
  // Its plain values are bound to their window.
  ExportProfilesServiceRequest later = mixed;
  ProfileOf(later).set_time_unix_nano(2000);
  EXPECT_EQ(ProfilesOf(mixed, later), 2u);
}

struct Difference {
  const char* what;
  std::function<void(ExportProfilesServiceRequest&)> edit;
};

TEST(JoiningTest, WhateverElseDiffersKeepsProfilesApart) {
  const auto first_resource = [](auto& r) -> auto& { return *r.mutable_resource_profiles(0); };
  const auto first_scope = [=](auto& r) -> auto& {
    return *first_resource(r).mutable_scope_profiles(0);
  };
  const Difference differences[] = {
      {"resource attribute",
       [&](auto& r) { first_resource(r).mutable_resource()->mutable_attributes(0)->set_key("x"); }},
      {"one more resource attribute",
       [&](auto& r) { first_resource(r).mutable_resource()->add_attributes()->set_key("x"); }},
      {"dropped resource attributes",
       [&](auto& r) { first_resource(r).mutable_resource()->set_dropped_attributes_count(1); }},
      {"entity",
       [&](auto& r) { first_resource(r).mutable_resource()->add_entity_refs()->set_type("x"); }},
      {"resource schema", [&](auto& r) { first_resource(r).set_schema_url("x"); }},
      {"scope schema", [&](auto& r) { first_scope(r).set_schema_url("x"); }},
      {"scope name", [&](auto& r) { first_scope(r).mutable_scope()->set_name("x"); }},
      {"scope version", [&](auto& r) { first_scope(r).mutable_scope()->set_version("x"); }},
      {"scope attribute",
       [&](auto& r) { first_scope(r).mutable_scope()->add_attributes()->set_key("x"); }},
      {"sample type", [](auto& r) { ProfileOf(r).mutable_sample_type()->set_type_strindex(3); }},
      {"sample unit", [](auto& r) { ProfileOf(r).mutable_sample_type()->set_unit_strindex(3); }},
      {"period type", [](auto& r) { ProfileOf(r).mutable_period_type()->set_type_strindex(3); }},
      {"period unit", [](auto& r) { ProfileOf(r).mutable_period_type()->set_unit_strindex(3); }},
      {"period", [](auto& r) { ProfileOf(r).set_period(1); }},
      {"profile attributes", [](auto& r) { ProfileOf(r).set_attribute_indices(0, 1); }},
      {"no profile attributes", [](auto& r) { ProfileOf(r).clear_attribute_indices(); }},
      {"dropped attributes", [](auto& r) { ProfileOf(r).set_dropped_attributes_count(1); }},
      {"profile id", [](auto& r) { ProfileOf(r).set_profile_id("0123456789abcdef"); }},
      {"payload", [](auto& r) { ProfileOf(r).set_original_payload("x"); }},
      {"payload format", [](auto& r) { ProfileOf(r).set_original_payload_format("x"); }},
  };
  for (const Difference& difference : differences) {
    for (const Coalesce coalesce : {Coalesce::kLossless, Coalesce::kAll}) {
      ExportProfilesServiceRequest other = With({}, {1001});
      difference.edit(other);
      EXPECT_EQ(ProfilesOf(With({}, {1001}), other, coalesce), 2u) << difference.what;
    }
  }
}

TEST(JoiningTest, SamplesOfDifferentIdentityStayApart) {
  const Difference differences[] = {
      {"stack", [](auto& r) { ProfileOf(r).mutable_samples(0)->set_stack_index(0); }},
      {"link", [](auto& r) { ProfileOf(r).mutable_samples(0)->set_link_index(0); }},
      {"attributes", [](auto& r) { ProfileOf(r).mutable_samples(0)->clear_attribute_indices(); }},
      {"more attributes",
       [](auto& r) { ProfileOf(r).mutable_samples(0)->add_attribute_indices(2); }},
  };
  for (const Difference& difference : differences) {
    ExportProfilesServiceRequest other = With({4}, {});
    difference.edit(other);
    const Merged merged = Join({With({3}, {}), other});
    ASSERT_EQ(merged.profiles.size(), 1u) << difference.what;
    EXPECT_EQ(merged.profiles[0].samples_size(), 2) << difference.what;
  }
}

TEST(JoiningTest, TheOrderOfAttributesDoesNotMatter) {
  ExportProfilesServiceRequest a = With({3}, {});
  schema::KeyValue& more = *a.mutable_resource_profiles(0)->mutable_resource()->add_attributes();
  more.set_key("host.name");
  more.mutable_value()->set_int_value(5);
  ProfileOf(a).mutable_samples(0)->add_attribute_indices(2);
  ExportProfilesServiceRequest b = a;
  b.mutable_resource_profiles(0)->mutable_resource()->mutable_attributes()->SwapElements(0, 1);
  ProfileOf(b).mutable_samples(0)->mutable_attribute_indices()->SwapElements(0, 1);
  const Merged merged = Join({a, b});
  ASSERT_EQ(merged.profiles.size(), 1u);
  EXPECT_EQ(merged.profiles[0].samples_size(), 1);
}

// Found by asking what was not joined in generated requests of any wire style.
TEST(JoiningTest, TheOrderOfFieldsInAnEntityDoesNotMatter) {
  ExportProfilesServiceRequest request = With({3}, {});
  schema::EntityRef& entity =
      *request.mutable_resource_profiles(0)->mutable_resource()->add_entity_refs();
  entity.set_schema_url("https://example.com/entity");
  entity.set_type("service");
  entity.add_id_keys("service.name");
  entity.add_id_keys("host.name");
  entity.add_description_keys("service.version");
  WireStyle style;
  style.order = WireStyle::FieldOrder::kDescending;
  style.explicit_default_share = 1;
  const std::string merged = Merge({Serialize(request), WireEmitter(style, 1).Emit(request)});
  EXPECT_EQ(Parse(merged).resource_profiles_size(), 1);
  EXPECT_EQ(Expand({merged}), Expand({Serialize(request), Serialize(request)}));
}

TEST(JoiningTest, ReferencesAreTheSameAsInlineText) {
  ExportProfilesServiceRequest inline_form = With({3}, {});
  ExportProfilesServiceRequest by_reference = With({4}, {});
  auto& attribute =
      *by_reference.mutable_resource_profiles(0)->mutable_resource()->mutable_attributes(0);
  by_reference.mutable_dictionary()->add_string_table("service.name");
  by_reference.mutable_dictionary()->add_string_table("checkout");
  attribute.clear_key();
  attribute.set_key_strindex(11);
  attribute.mutable_value()->set_string_value_strindex(12);
  auto& row = *by_reference.mutable_dictionary()->mutable_attribute_table(1);
  by_reference.mutable_dictionary()->add_string_table("worker-1");
  row.mutable_value()->set_string_value_strindex(13);
  const Merged merged = Join({inline_form, by_reference});
  ASSERT_EQ(merged.profiles.size(), 1u);
  EXPECT_THAT(merged.profiles[0].samples(0).values(), ElementsAre(7));
}

TEST(JoiningTest, CoalesceNeverSharesOnlyTheDictionary) {
  EXPECT_EQ(ProfilesOf(With({3}, {}), With({4}, {}), Coalesce::kNever), 2u);
  EXPECT_EQ(ProfilesOf(With({}, {1}), With({}, {2}), Coalesce::kNever), 2u);
  const Merged merged = Join({With({3}, {}), With({4}, {})}, Coalesce::kNever);
  EXPECT_EQ(merged.request.dictionary().stack_table_size(), 2);
  EXPECT_EQ(merged.request.resource_profiles_size(), 1);
}

TEST(JoiningTest, CoalesceAllAddsPlainValuesAcrossWindows) {
  const Merged merged = Join({With({3}, {}, 1000, 100), With({4}, {}, 1100, 100)}, Coalesce::kAll);
  ASSERT_EQ(merged.profiles.size(), 1u);
  EXPECT_THAT(merged.profiles[0].samples(0).values(), ElementsAre(7));
  EXPECT_EQ(merged.profiles[0].time_unix_nano(), 1000u);
  EXPECT_EQ(merged.profiles[0].duration_nano(), 200u);
}

TEST(JoiningTest, SumsThatDoNotFitStayApartAndExact) {
  const Merged merged = Join({With({kLargest}, {}), With({1}, {}), With({kLargest}, {}),
                              With({kSmallest}, {}), With({-1}, {})});
  ASSERT_EQ(merged.profiles.size(), 1u);
  __extension__ typedef __int128 Wide;
  Wide sum = 0;
  for (const schema::Sample& sample : merged.profiles[0].samples()) {
    ASSERT_EQ(sample.values_size(), 1);
    sum += sample.values(0);
  }
  EXPECT_TRUE(sum == static_cast<Wide>(kLargest) - 1);
  // The sum fits again, so one sample says it.
  EXPECT_EQ(merged.profiles[0].samples_size(), 1);
}

TEST(JoiningTest, ASumBeyondTheRangeIsSaidInOneWayWhateverTheOrder) {
  const auto values_of = [](const Merged& merged) {
    std::vector<int64_t> values;
    for (const schema::Sample& sample : merged.profiles[0].samples()) {
      values.push_back(sample.values(0));
    }
    return values;
  };
  std::vector<int64_t> parts = {95, kLargest, 1, kLargest - 7, -40, kLargest};
  std::sort(parts.begin(), parts.end());
  do {
    std::vector<ExportProfilesServiceRequest> requests;
    for (const int64_t part : parts) requests.push_back(With({part}, {}));
    EXPECT_THAT(values_of(Join(requests)), ElementsAre(kLargest, kLargest, kLargest, 49));
  } while (std::next_permutation(parts.begin(), parts.end()));
  EXPECT_THAT(values_of(Join({With({kSmallest}, {}), With({-2}, {}), With({-3}, {})})),
              ElementsAre(kSmallest, -5));
  EXPECT_THAT(values_of(Join({With({kLargest}, {}), With({kLargest}, {}), With({-kLargest}, {}),
                              With({-kLargest}, {})})),
              ElementsAre(0));
}

TEST(JoiningTest, MergingSumsBeyondTheRangeAgainChangesNothing) {
  const std::string once = Merge({Serialize(With({7}, {})), Serialize(With({kLargest}, {})),
                                  Serialize(With({1}, {})), Serialize(With({-3}, {}))});
  EXPECT_EQ(Merge({once}), once);
}

TEST(JoiningTest, CumulativeValuesOfOneEightAreNeverAdded) {
  // ValueType 3, the temporality, is a field libprotobuf keeps as unknown.
  ExportProfilesServiceRequest request = With({700}, {});
  SetTemporality(ProfileOf(request).mutable_sample_type(), 2);
  const auto old = Renumber(Serialize(request), Dialect::kV1_10, Dialect::kV1_8);
  ASSERT_TRUE(old.ok());
  const ExportProfilesServiceRequest merged = Parse(Merge({*old, *old}));
  EXPECT_EQ(merged.resource_profiles(0).scope_profiles(0).profiles_size(), 2);

  ExportProfilesServiceRequest delta = With({700}, {});
  SetTemporality(ProfileOf(delta).mutable_sample_type(), 1);
  const auto old_delta = Renumber(Serialize(delta), Dialect::kV1_10, Dialect::kV1_8);
  ASSERT_TRUE(old_delta.ok());
  EXPECT_EQ(
      Parse(Merge({*old_delta, *old_delta})).resource_profiles(0).scope_profiles(0).profiles_size(),
      1);
}

TEST(JoiningTest, SharedStacksAreTranslatedOnce) {
  ExportProfilesServiceRequest request = With({3}, {});
  schema::Sample other = ProfileOf(request).samples(0);
  other.set_link_index(0);
  *ProfileOf(request).add_samples() = other;
  const Merged merged = Join({request, request, Join({request, request}).request});
  ASSERT_EQ(merged.profiles.size(), 1u);
  EXPECT_EQ(merged.profiles[0].samples(0).stack_index(),
            merged.profiles[0].samples(1).stack_index());
}

TEST(JoiningTest, TheZeroRowsStandFirst) {
  const schema::ProfilesDictionary tables = Join({With({3}, {})}).request.dictionary();
  EXPECT_EQ(tables.string_table(0), "");
  for (const google::protobuf::Message* row :
       std::initializer_list<const google::protobuf::Message*>{
           &tables.mapping_table(0), &tables.location_table(0), &tables.function_table(0),
           &tables.attribute_table(0), &tables.stack_table(0)}) {
    EXPECT_EQ(row->ByteSizeLong(), 0u);
  }
  EXPECT_EQ(tables.link_table(0).trace_id(), std::string(16, '\0'));
  EXPECT_EQ(tables.link_table(0).span_id(), std::string(8, '\0'));
}

TEST(JoiningTest, CountsAreThoseOfWhatCameIn) {
  Processor processor({});
  for (const auto& request : {With({3}, {}), With({4}, {}), With({}, {1})}) {
    const std::string bytes = Serialize(request);
    processor.Decode(bytes);
    processor.Merge();
  }
  EXPECT_EQ(processor.batch().counts().requests, 3u);
  EXPECT_EQ(processor.batch().counts().profiles, 3u);
  EXPECT_EQ(processor.batch().counts().samples, 3u);
  const SealedBatch batch = processor.Seal();
  EXPECT_EQ(batch.samples_out(), 2u);
  EXPECT_TRUE(processor.batch().empty());
  EXPECT_EQ(processor.batch().counts().samples, 0u);
}

}  // namespace
}  // namespace flameway
