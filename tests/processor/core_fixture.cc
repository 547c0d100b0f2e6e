// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/core_fixture.h"

#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

namespace flameway {

std::string Serialize(const schema::ExportProfilesServiceRequest& request) {
  return request.SerializeAsString();
}

schema::ExportProfilesServiceRequest Parse(std::string_view bytes) {
  schema::ExportProfilesServiceRequest request;
  EXPECT_TRUE(request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return request;
}

schema::ExportProfilesServiceRequest SmallRequest() {
  schema::ExportProfilesServiceRequest request;
  schema::ProfilesDictionary* tables = request.mutable_dictionary();
  for (const char* text : {"", "cpu", "nanoseconds", "main", "_Zmain", "main.cc", "app",
                           "thread.name", "worker", "build_id", "By"}) {
    tables->add_string_table(text);
  }
  tables->add_attribute_table();
  schema::KeyValueAndUnit* thread = tables->add_attribute_table();
  thread->set_key_strindex(7);
  thread->mutable_value()->set_string_value("worker-1");
  schema::KeyValueAndUnit* build = tables->add_attribute_table();
  build->set_key_strindex(9);
  build->mutable_value()->set_int_value(42);
  build->set_unit_strindex(10);
  tables->add_function_table();
  schema::Function* function = tables->add_function_table();
  function->set_name_strindex(3);
  function->set_system_name_strindex(4);
  function->set_filename_strindex(5);
  function->set_start_line(10);
  tables->add_mapping_table();
  schema::Mapping* mapping = tables->add_mapping_table();
  mapping->set_memory_start(0x1000);
  mapping->set_memory_limit(0x2000);
  mapping->set_file_offset(0x100);
  mapping->set_filename_strindex(6);
  mapping->add_attribute_indices(2);
  tables->add_location_table();
  schema::Location* location = tables->add_location_table();
  location->set_mapping_index(1);
  location->set_address(0x1234);
  location->add_attribute_indices(2);
  schema::Line* line = location->add_lines();
  line->set_function_index(1);
  line->set_line(12);
  line->set_column(3);
  tables->add_stack_table();
  tables->add_stack_table()->add_location_indices(1);
  tables->add_link_table();
  schema::Link* link = tables->add_link_table();
  link->set_trace_id("0123456789abcdef");
  link->set_span_id("01234567");

  schema::ResourceProfiles* resource = request.add_resource_profiles();
  resource->set_schema_url("https://example.com/resource");
  schema::KeyValue* service = resource->mutable_resource()->add_attributes();
  service->set_key("service.name");
  service->mutable_value()->set_string_value("checkout");
  schema::ScopeProfiles* scope = resource->add_scope_profiles();
  scope->set_schema_url("https://example.com/scope");
  scope->mutable_scope()->set_name("agent");
  scope->mutable_scope()->set_version("1.0");
  schema::Profile* profile = scope->add_profiles();
  profile->mutable_sample_type()->set_type_strindex(1);
  profile->mutable_sample_type()->set_unit_strindex(2);
  profile->mutable_period_type()->set_type_strindex(1);
  profile->mutable_period_type()->set_unit_strindex(2);
  profile->set_period(50'000'000);
  profile->set_time_unix_nano(1'700'000'000'000'000'000);
  profile->set_duration_nano(5'000'000'000);
  profile->add_attribute_indices(2);
  schema::Sample* sample = profile->add_samples();
  sample->set_stack_index(1);
  sample->add_attribute_indices(1);
  sample->set_link_index(1);
  sample->add_values(7);
  sample->add_timestamps_unix_nano(1'700'000'000'000'000'100);
  return request;
}

void SetTemporality(schema::ValueType* type, uint64_t temporality) {
  type->GetReflection()->MutableUnknownFields(type)->AddVarint(3, temporality);
}

DecodeReport Decode(std::string_view bytes) {
  Request request{RequestOptions{}};
  return request.Decode(bytes);
}

std::string Merge(const std::vector<std::string>& requests, Coalesce coalesce,
                  const EncodeOptions& options) {
  Processor processor({.batch = {.coalesce = coalesce}});
  for (const std::string& bytes : requests) {
    const DecodeReport& report = processor.Decode(bytes);
    EXPECT_EQ(report.outcome, DecodeReport::Outcome::kAccepted) << report.Message();
    processor.Merge();
  }
  const EncodeResult result = Encode(processor.Seal(), options);
  EXPECT_LE(result.messages.size(), 1u);
  return result.messages.empty() ? std::string() : std::string(result.messages.front().bytes);
}

ExpandedProfiles Expand(const std::vector<std::string>& requests) {
  ExpandedProfiles expanded;
  for (const std::string& bytes : requests) expanded.Add(Parse(bytes));
  return expanded;
}

}  // namespace flameway
