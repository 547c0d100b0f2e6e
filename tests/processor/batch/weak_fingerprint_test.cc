// SPDX-License-Identifier: Apache-2.0
// What would happen if two different rows had one fingerprint, for each kind of row: the checked
// core says which, and without it the expansion of the output shows the wrong merge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/processor/core_fixture.h"
#include "tests/support/request_generator.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// One row in each table beside the zero row, so that rows of one request never meet each other, and
// one attribute in each list, so that keys of one fingerprint are never two keys of a list.
ExportProfilesServiceRequest OneOfEach() {
  ExportProfilesServiceRequest request;
  schema::ProfilesDictionary& tables = *request.mutable_dictionary();
  tables.add_string_table("");
  tables.add_string_table("name");
  tables.add_attribute_table();
  schema::KeyValueAndUnit* attribute = tables.add_attribute_table();
  attribute->set_key_strindex(1);
  attribute->mutable_value()->set_int_value(1);
  tables.add_function_table();
  tables.add_function_table()->set_name_strindex(1);
  tables.add_mapping_table();
  schema::Mapping* mapping = tables.add_mapping_table();
  mapping->set_memory_start(0x1000);
  mapping->add_attribute_indices(1);
  tables.add_location_table();
  schema::Location* location = tables.add_location_table();
  location->set_mapping_index(1);
  location->set_address(0x1234);
  location->add_lines()->set_function_index(1);
  tables.add_stack_table();
  tables.add_stack_table()->add_location_indices(1);
  tables.add_link_table();
  schema::Link* link = tables.add_link_table();
  link->set_trace_id("0123456789abcdef");
  link->set_span_id("01234567");
  schema::ResourceProfiles* resource = request.add_resource_profiles();
  schema::KeyValue* service = resource->mutable_resource()->add_attributes();
  service->set_key("service.name");
  service->mutable_value()->set_string_value("checkout");
  schema::ScopeProfiles* scope = resource->add_scope_profiles();
  scope->mutable_scope()->set_name("agent");
  schema::Profile* profile = scope->add_profiles();
  profile->mutable_sample_type()->set_type_strindex(1);
  profile->set_time_unix_nano(1'000);
  profile->set_duration_nano(100);
  schema::Sample* sample = profile->add_samples();
  sample->set_stack_index(1);
  sample->set_link_index(1);
  sample->add_attribute_indices(1);
  sample->add_values(7);
  return request;
}

schema::ProfilesDictionary& Tables(ExportProfilesServiceRequest& request) {
  return *request.mutable_dictionary();
}
schema::ResourceProfiles& ResourceOf(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0);
}
schema::ScopeProfiles& ScopeOf(ExportProfilesServiceRequest& request) {
  return *ResourceOf(request).mutable_scope_profiles(0);
}
schema::Profile& ProfileOf(ExportProfilesServiceRequest& request) {
  return *ScopeOf(request).mutable_profiles(0);
}
schema::Sample& SampleOf(ExportProfilesServiceRequest& request) {
  return *ProfileOf(request).mutable_samples(0);
}

struct Outcome {
  std::vector<std::string> collisions;  // tables, as they were reported
  ExpandedProfiles expected, actual;
};

// Merges the requests while fingerprints keep only `bits` of each half. Another secret makes other
// rows meet.
void MergeWeakly(const std::vector<ExportProfilesServiceRequest>& requests, int bits,
                 Outcome& outcome, int secret = 0) {
  RequestOptions options;
  options.secret.bytes.fill(static_cast<unsigned char>(secret));
  Request request(options);
  request.fingerprinter_for_test().WeakenForTest(bits);
  Batch batch({});
  batch.set_collision_handler_for_test(
      [&](const char* table) { outcome.collisions.emplace_back(table); });
  for (const auto& message : requests) {
    const std::string bytes = Serialize(message);
    const DecodeReport& report = request.Decode(bytes, {.known_dialect = Dialect::kV1_10});
    ASSERT_EQ(report.profiles_rejected, 0u) << report.Message();
    batch.Merge(request);
    outcome.expected.Add(message);
  }
  const EncodeResult result = Encode(batch.Seal(), {});
  for (const EncodedMessage& message : result.messages) outcome.actual.Add(Parse(message.bytes));
}

struct Case {
  const char* table;  // the one whose rows differ, and nothing below it
  const char* what;
  std::function<void(ExportProfilesServiceRequest&)> edit;
};

const std::vector<Case>& Cases() {
  using R = ExportProfilesServiceRequest;
  static const std::vector<Case> cases = {
      {"string", "text", [](R& r) { *Tables(r).mutable_string_table(1) = "eman"; }},
      {"attribute", "value",
       [](R& r) { Tables(r).mutable_attribute_table(1)->mutable_value()->set_int_value(2); }},
      {"attribute", "unit",
       [](R& r) { Tables(r).mutable_attribute_table(1)->set_unit_strindex(1); }},
      {"function", "start line",
       [](R& r) { Tables(r).mutable_function_table(1)->set_start_line(5); }},
      {"mapping", "start", [](R& r) { Tables(r).mutable_mapping_table(1)->set_memory_start(1); }},
      {"mapping", "attributes",
       [](R& r) { Tables(r).mutable_mapping_table(1)->clear_attribute_indices(); }},
      {"location", "address", [](R& r) { Tables(r).mutable_location_table(1)->set_address(1); }},
      {"location", "lines", [](R& r) { Tables(r).mutable_location_table(1)->add_lines(); }},
      {"stack", "frames", [](R& r) { Tables(r).mutable_stack_table(1)->add_location_indices(1); }},
      {"link", "span", [](R& r) { Tables(r).mutable_link_table(1)->set_span_id("76543210"); }},
      {"sample", "link", [](R& r) { SampleOf(r).set_link_index(0); }},
      {"sample", "stack", [](R& r) { SampleOf(r).set_stack_index(0); }},
      {"sample", "attributes", [](R& r) { SampleOf(r).clear_attribute_indices(); }},
      {"profile", "period", [](R& r) { ProfileOf(r).set_period(9); }},
      {"profile", "unit", [](R& r) { ProfileOf(r).mutable_sample_type()->set_unit_strindex(1); }},
      {"profile", "window", [](R& r) { ProfileOf(r).set_time_unix_nano(2'000); }},
      {"profile", "attributes", [](R& r) { ProfileOf(r).add_attribute_indices(1); }},
      {"scope", "name", [](R& r) { ScopeOf(r).mutable_scope()->set_name("tnega"); }},
      {"scope", "schema", [](R& r) { ScopeOf(r).set_schema_url("other"); }},
      {"resource", "value of the same size",
       [](R& r) {
         ResourceOf(r).mutable_resource()->mutable_attributes(0)->mutable_value()->set_string_value(
             "checkin.");
       }},
      {"resource", "schema", [](R& r) { ResourceOf(r).set_schema_url("other"); }},
  };
  return cases;
}

TEST(WeakFingerprintTest, EachKindOfRowIsNamedWhenTwoAreTakenForOne) {
  for (const Case& c : Cases()) {
    ExportProfilesServiceRequest other = OneOfEach();
    c.edit(other);
    Outcome outcome;
    MergeWeakly({OneOfEach(), other}, 0, outcome);
    const std::set<std::string> tables(outcome.collisions.begin(), outcome.collisions.end());
    EXPECT_THAT(tables, ElementsAre(c.table)) << c.what;
  }
}

TEST(WeakFingerprintTest, TheExpansionShowsEachWrongMerge) {
  for (const Case& c : Cases()) {
    ExportProfilesServiceRequest other = OneOfEach();
    c.edit(other);
    Outcome outcome;
    MergeWeakly({OneOfEach(), other}, 0, outcome);
    EXPECT_FALSE(outcome.expected == outcome.actual) << c.table << " " << c.what;
  }
}

TEST(WeakFingerprintTest, EqualRowsAreNoCollision) {
  Outcome outcome;
  MergeWeakly({OneOfEach(), OneOfEach(), OneOfEach()}, 0, outcome);
  EXPECT_THAT(outcome.collisions, IsEmpty());
  EXPECT_EQ(outcome.expected, outcome.actual);
}

TEST(WeakFingerprintTest, WholeFingerprintsTellAllOfThemApart) {
  std::vector<ExportProfilesServiceRequest> requests = {OneOfEach()};
  for (const Case& c : Cases()) c.edit(requests.emplace_back(OneOfEach()));
  Outcome outcome;
  MergeWeakly(requests, 63, outcome);
  EXPECT_THAT(outcome.collisions, IsEmpty());
  EXPECT_EQ(outcome.expected, outcome.actual);
}

// A scope that is taken for one of another resource, and so on down: same content, other place.
TEST(WeakFingerprintTest, RowsUnderAnotherParentAreNoticed) {
  std::set<std::set<std::string>> reports;
  for (int i = 0; i < 400; ++i) {
    ExportProfilesServiceRequest two = OneOfEach();
    ScopeOf(two).mutable_scope()->set_name(std::to_string(i));
    ProfileOf(two).set_period(i);
    *two.add_resource_profiles() = two.resource_profiles(0);
    two.mutable_resource_profiles(1)->set_schema_url(std::to_string(i));
    Outcome outcome;
    MergeWeakly({two}, 1, outcome, i % 64);
    EXPECT_EQ(outcome.expected == outcome.actual, outcome.collisions.empty()) << i;
    reports.emplace(outcome.collisions.begin(), outcome.collisions.end());
  }
  // A sample's fingerprint is a sum with its profile's: equal samples of two profiles never meet.
  for (const char* table : {"resource", "scope", "profile"})
    EXPECT_THAT(reports, Contains(ElementsAre(table)));
}

// Random requests under a few bits: where the oracle sees a difference, the checked core has said
// so.
TEST(WeakFingerprintTest, NoWrongMergeGoesUnreported) {
  int wrong = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    RequestGeneratorOptions options;
    options.seed = seed;
    options.world = {.names = 10, .functions = 8, .mappings = 3, .locations = 12, .stacks = 8};
    const auto requests = RequestGenerator(options).Take(3);
    for (const int bits : {1, 2, 3, 4}) {
      Request request{RequestOptions{}};
      request.fingerprinter_for_test().WeakenForTest(bits);
      Batch batch({});
      int collisions = 0;
      batch.set_collision_handler_for_test([&](const char*) { ++collisions; });
      ExpandedProfiles expected;
      for (const auto& message : requests) {
        const std::string bytes = Serialize(message);
        // Attributes of one weak key in one list are refused as two values of a key.
        const DecodeReport& report = request.Decode(bytes, {.known_dialect = Dialect::kV1_10});
        if (report.profiles_rejected > 0 || report.outcome != DecodeReport::Outcome::kAccepted)
          continue;
        batch.Merge(request);
        expected.Add(message);
      }
      ExpandedProfiles actual;
      const EncodeResult result = Encode(batch.Seal(), {});
      for (const EncodedMessage& message : result.messages) actual.Add(Parse(message.bytes));
      if (expected == actual) continue;
      ++wrong;
      EXPECT_GT(collisions, 0) << "seed " << seed << ", " << bits << " bits";
    }
  }
  EXPECT_GT(wrong, 20);
}

}  // namespace
}  // namespace flameway
