// SPDX-License-Identifier: Apache-2.0
#include "tests/support/story.h"

#include <gtest/gtest.h>

namespace flameway {

using schema::ExportProfilesServiceRequest;

ExportProfilesServiceRequest Story() {
  ExportProfilesServiceRequest request;
  auto* rows = request.mutable_dictionary();
  for (const char* text : {"", "main", "_Z4main", "main.cc", "app", "thread", "ms", "cpu"}) {
    rows->add_string_table(text);
  }
  rows->add_attribute_table();
  auto* attribute = rows->add_attribute_table();
  attribute->set_key_strindex(5);
  attribute->mutable_value()->set_int_value(1);
  attribute->set_unit_strindex(6);
  auto* other = rows->add_attribute_table();
  other->set_key_strindex(4);
  other->mutable_value()->set_string_value("x");
  rows->add_function_table();
  auto* function = rows->add_function_table();
  function->set_name_strindex(1);
  function->set_system_name_strindex(2);
  function->set_filename_strindex(3);
  function->set_start_line(10);
  rows->add_mapping_table();
  auto* mapping = rows->add_mapping_table();
  mapping->set_memory_start(0x1000);
  mapping->set_memory_limit(0x2000);
  mapping->set_file_offset(0x10);
  mapping->set_filename_strindex(4);
  mapping->add_attribute_indices(1);
  rows->add_location_table();
  auto* location = rows->add_location_table();
  location->set_mapping_index(1);
  location->set_address(0x1234);
  location->add_attribute_indices(1);
  auto* line = location->add_lines();
  line->set_function_index(1);
  line->set_line(12);
  line->set_column(3);
  location->add_lines();
  rows->add_stack_table();
  auto* stack = rows->add_stack_table();
  stack->add_location_indices(1);
  stack->add_location_indices(0);
  rows->add_link_table();
  auto* link = rows->add_link_table();
  link->set_trace_id("0123456789abcdef");
  link->set_span_id("01234567");

  auto* resource_group = request.add_resource_profiles();
  resource_group->set_schema_url("r");
  auto* resource = resource_group->mutable_resource();
  auto* host = resource->add_attributes();
  host->set_key("host");
  host->mutable_value()->set_string_value("alpha");
  auto* pid = resource->add_attributes();
  pid->set_key("pid");
  pid->mutable_value()->set_int_value(7);
  resource->set_dropped_attributes_count(1);
  auto* entity = resource->add_entity_refs();
  entity->set_type("host");
  entity->add_id_keys("host");
  auto* scope_group = resource_group->add_scope_profiles();
  scope_group->set_schema_url("s");
  scope_group->mutable_scope()->set_name("profiler");
  scope_group->mutable_scope()->set_version("1");
  auto* profile = scope_group->add_profiles();
  profile->mutable_sample_type()->set_type_strindex(7);
  profile->mutable_sample_type()->set_unit_strindex(6);
  profile->mutable_period_type()->set_type_strindex(7);
  profile->set_period(50);
  profile->set_time_unix_nano(1000);
  profile->set_duration_nano(100);
  profile->set_profile_id("fedcba9876543210");
  profile->add_attribute_indices(2);
  profile->set_dropped_attributes_count(2);
  auto* sample = profile->add_samples();
  sample->set_stack_index(1);
  sample->set_link_index(1);
  sample->add_attribute_indices(1);
  sample->add_attribute_indices(2);
  sample->add_values(5);
  sample->add_values(6);
  sample->add_timestamps_unix_nano(1001);
  sample->add_timestamps_unix_nano(1002);
  return request;
}

schema::ProfilesDictionary* Rows(ExportProfilesServiceRequest* r) {
  return r->mutable_dictionary();
}
schema::ResourceProfiles* ResourceGroup(ExportProfilesServiceRequest* r) {
  return r->mutable_resource_profiles(0);
}
schema::ScopeProfiles* ScopeGroup(ExportProfilesServiceRequest* r) {
  return ResourceGroup(r)->mutable_scope_profiles(0);
}
schema::Profile* FirstProfile(ExportProfilesServiceRequest* r) {
  return ScopeGroup(r)->mutable_profiles(0);
}
schema::Sample* FirstSample(ExportProfilesServiceRequest* r) {
  return FirstProfile(r)->mutable_samples(0);
}

ExpandedProfiles Expand(const std::vector<ExportProfilesServiceRequest>& requests) {
  ExpandedProfiles expanded;
  for (const auto& request : requests) expanded.Add(request);
  return expanded;
}

ExportProfilesServiceRequest Edited(const Edit& edit) {
  ExportProfilesServiceRequest request = Story();
  edit(&request);
  return request;
}

void ExpectSame(const Edit& a, const Edit& b) {
  ExportProfilesServiceRequest left = Story();
  ExportProfilesServiceRequest right = Story();
  a(&left);
  b(&right);
  const ExpandedProfiles expanded = Expand({left});
  EXPECT_EQ(expanded, Expand({right})) << expanded.DiffText(Expand({right}), 50);
  EXPECT_EQ(expanded.DiffText(Expand({right}), 50), "");
}

void ExpectDifferent(const Edit& a, const Edit& b) {
  ExportProfilesServiceRequest left = Story();
  ExportProfilesServiceRequest right = Story();
  a(&left);
  b(&right);
  EXPECT_FALSE(Expand({left}) == Expand({right})) << Expand({left}).FullText();
  EXPECT_NE(Expand({left}).DiffText(Expand({right}), 50), "");
}

}  // namespace flameway
