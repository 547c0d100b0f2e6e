// SPDX-License-Identifier: Apache-2.0
#include "tests/support/well_formed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/request_generator.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Row 1 of each table is used by the only sample; string 4 only by a resource.
ExportProfilesServiceRequest Tidy() {
  ExportProfilesServiceRequest request;
  auto* rows = request.mutable_dictionary();
  for (const char* text : {"", "main", "key", "app", "host"}) rows->add_string_table(text);
  rows->add_attribute_table()->mutable_value();
  auto* attribute = rows->add_attribute_table();
  attribute->set_key_strindex(2);
  attribute->mutable_value()->set_string_value("v");
  rows->add_function_table();
  rows->add_function_table()->set_name_strindex(1);
  rows->add_mapping_table();
  rows->add_mapping_table()->set_filename_strindex(3);
  rows->add_location_table();
  auto* location = rows->add_location_table();
  location->set_mapping_index(1);
  location->add_lines()->set_function_index(1);
  rows->add_stack_table();
  rows->add_stack_table()->add_location_indices(1);
  auto* null_link = rows->add_link_table();
  null_link->set_trace_id(std::string(16, '\0'));
  null_link->set_span_id(std::string(8, '\0'));
  auto* link = rows->add_link_table();
  link->set_trace_id("0123456789abcdef");
  link->set_span_id("01234567");
  auto* group = request.add_resource_profiles();
  group->mutable_resource()->add_attributes()->set_key_strindex(4);
  auto* sample = group->add_scope_profiles()->add_profiles()->add_samples();
  sample->set_stack_index(1);
  sample->set_link_index(1);
  sample->add_attribute_indices(1);
  sample->add_values(1);
  return request;
}

using Edit = std::function<void(schema::ProfilesDictionary*, schema::Sample*)>;

std::vector<std::string> ProblemsAfter(const Edit& edit) {
  ExportProfilesServiceRequest request = Tidy();
  edit(request.mutable_dictionary(), request.mutable_resource_profiles(0)
                                         ->mutable_scope_profiles(0)
                                         ->mutable_profiles(0)
                                         ->mutable_samples(0));
  return CheckWellFormed(request);
}

TEST(WellFormedTest, ATidyRequestHasNoProblems) {
  EXPECT_THAT(CheckWellFormed(Tidy()), IsEmpty());
  EXPECT_THAT(CheckWellFormed(ExportProfilesServiceRequest()), IsEmpty());
}

TEST(WellFormedTest, MissingTablesAreNoticedWithProfiles) {
  ExportProfilesServiceRequest request;
  request.add_resource_profiles()->add_scope_profiles();
  EXPECT_THAT(CheckWellFormed(request), IsEmpty());
  request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->add_profiles();
  EXPECT_EQ(CheckWellFormed(request).size(), 7u);
}

TEST(WellFormedTest, RowZeroIsZero) {
  EXPECT_THAT(ProblemsAfter([](auto* rows, auto*) { *rows->mutable_string_table(0) = "x"; }),
              ElementsAre("string 0 is not the zero value"));
  EXPECT_THAT(ProblemsAfter([](auto* rows, auto*) {
                rows->mutable_attribute_table(0)->mutable_value()->set_string_value("");
              }),
              ElementsAre("attribute 0 is not the zero value"));
  EXPECT_THAT(
      ProblemsAfter([](auto* rows, auto*) { rows->mutable_location_table(0)->add_lines(); }),
      ElementsAre("location 0 is not the zero value"));
  EXPECT_THAT(ProblemsAfter([](auto* rows, auto*) {
                rows->mutable_link_table(0)->set_trace_id("0123456789abcdef");
              }),
              ElementsAre("link 0 is not the zero value"));
}

TEST(WellFormedTest, UnusedRowsAreNoticedTransitively) {
  EXPECT_THAT(
      ProblemsAfter([](auto*, auto* sample) { sample->set_stack_index(0); }),
      ElementsAre("string 1 is not used", "string 3 is not used", "function 1 is not used",
                  "mapping 1 is not used", "location 1 is not used", "stack 1 is not used"));
}

TEST(WellFormedTest, EqualRowsAreNoticed) {
  EXPECT_THAT(ProblemsAfter([](auto* rows, auto*) { *rows->mutable_string_table(4) = "app"; }),
              ElementsAre("string 4 equals row 3"));
  // Equal through equal strings, inline and by reference.
  const auto problems = ProblemsAfter([](auto* rows, auto* sample) {
    rows->add_string_table("key");
    rows->add_string_table("v");
    auto* attribute = rows->add_attribute_table();
    attribute->set_key_strindex(5);
    attribute->mutable_value()->set_string_value_strindex(6);
    sample->set_attribute_indices(0, 2);
  });
  EXPECT_THAT(problems, Contains("attribute 2 equals row 1"));
  EXPECT_THAT(ProblemsAfter([](auto* rows, auto* sample) {
                rows->add_location_table();
                rows->add_stack_table()->add_location_indices(2);
                sample->set_stack_index(2);
              }),
              Contains("location 2 is the zero value, which is row 0"));
}

TEST(WellFormedTest, IndicesOutOfRangeAreNoticed) {
  EXPECT_THAT(ProblemsAfter([](auto*, auto* sample) { sample->set_stack_index(2); }),
              Contains("stack 2 does not exist"));
  EXPECT_THAT(ProblemsAfter([](auto* rows, auto*) {
                rows->mutable_attribute_table(1)
                    ->mutable_value()
                    ->mutable_array_value()
                    ->add_values()
                    ->set_string_value_strindex(-1);
              }),
              Contains("string -1 does not exist"));
}

TEST(WellFormedTest, AttributeListsHaveUniqueKeysAndNoNull) {
  EXPECT_THAT(ProblemsAfter([](auto*, auto* sample) { sample->add_attribute_indices(0); }),
              ElementsAre("sample with attribute 0"));
  EXPECT_THAT(ProblemsAfter([](auto*, auto* sample) { sample->add_attribute_indices(1); }),
              ElementsAre("sample with two attributes \"key\""));
  ExportProfilesServiceRequest request = Tidy();
  auto* resource = request.mutable_resource_profiles(0)->mutable_resource();
  resource->add_attributes()->set_key("host");
  EXPECT_THAT(CheckWellFormed(request), ElementsAre("resource with two attributes \"host\""));
  resource->mutable_attributes(1)->set_key("other");
  resource->mutable_attributes(1)->set_key_strindex(1);
  EXPECT_THAT(CheckWellFormed(request), Contains(HasSubstr("two keys")));
}

TEST(WellFormedTest, IdsHaveTheirLength) {
  EXPECT_THAT(
      ProblemsAfter([](auto* rows, auto*) { rows->mutable_link_table(1)->set_span_id("0"); }),
      ElementsAre("link 1 has ids of 16 and 1 bytes"));
  ExportProfilesServiceRequest request = Tidy();
  request.mutable_resource_profiles(0)
      ->mutable_scope_profiles(0)
      ->mutable_profiles(0)
      ->set_profile_id("short");
  EXPECT_THAT(CheckWellFormed(request), ElementsAre("profile_id has 5 bytes"));
}

TEST(WellFormedTest, SamplesHaveAShape) {
  EXPECT_THAT(ProblemsAfter([](auto*, auto* sample) { sample->clear_values(); }),
              ElementsAre("sample without values and timestamps"));
  EXPECT_THAT(ProblemsAfter([](auto*, auto* sample) {
                sample->add_timestamps_unix_nano(1);
                sample->add_timestamps_unix_nano(2);
              }),
              ElementsAre("sample with 1 values and 2 timestamps"));
}

TEST(WellFormedTest, ATidySenderIsWellFormed) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    RequestGeneratorOptions options = RequestGeneratorOptions::ForSeed(seed);
    options.duplicate_row_share = 0;
    options.orphan_share = 0;
    options.zero_row_share = 0;
    options.null_attribute_share = 0;
    RequestGenerator generator(options);
    for (const auto& request : generator.Take(4)) {
      // What remains are rows the world itself holds twice, by chance.
      for (const std::string& problem : CheckWellFormed(request)) {
        EXPECT_THAT(problem, testing::AnyOf(HasSubstr("equals row"), HasSubstr("zero value")))
            << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace flameway
