// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/flow/request_bytes.h"

#include "opentelemetry/proto/collector/profiles/v1development/profiles_service.pb.h"

namespace flameway {
namespace {

namespace pb = opentelemetry::proto::profiles::v1development;

void AddZeroRows(pb::ProfilesDictionary& dictionary) {
  dictionary.add_mapping_table();
  dictionary.add_location_table();
  dictionary.add_function_table();
  dictionary.add_link_table();
  dictionary.add_string_table("");
  dictionary.add_attribute_table();
  dictionary.add_stack_table();
}

int AddString(pb::ProfilesDictionary& dictionary, const std::string& text) {
  dictionary.add_string_table(text);
  return dictionary.string_table_size() - 1;
}

int AddStack(pb::ProfilesDictionary& dictionary, const std::string& function_name) {
  dictionary.add_function_table()->set_name_strindex(AddString(dictionary, function_name));
  dictionary.add_location_table()->add_lines()->set_function_index(
      dictionary.function_table_size() - 1);
  dictionary.add_stack_table()->add_location_indices(dictionary.location_table_size() - 1);
  return dictionary.stack_table_size() - 1;
}

}  // namespace

std::string RequestBytes(const RequestShape& shape) {
  opentelemetry::proto::collector::profiles::v1development::ExportProfilesServiceRequest request;
  pb::ProfilesDictionary& dictionary = *request.mutable_dictionary();
  AddZeroRows(dictionary);
  const int type = AddString(dictionary, "samples");
  const int unit = AddString(dictionary, "count");
  auto& resource = *request.add_resource_profiles();
  if (!shape.service.empty()) {
    auto& attribute = *resource.mutable_resource()->add_attributes();
    attribute.set_key("service.name");
    attribute.mutable_value()->set_string_value(shape.service);
  }
  if (shape.idle_samples_per_profile > 0) {
    auto& idle = *dictionary.add_attribute_table();
    idle.set_key_strindex(AddString(dictionary, "idle"));
    idle.mutable_value()->set_bool_value(true);
  }
  auto& scope = *resource.add_scope_profiles();
  constexpr uint64_t kTime = 1'700'000'000'000'000'000;
  for (int p = 0; p < shape.profiles + shape.bad_profiles; ++p) {
    pb::Profile& profile = *scope.add_profiles();
    profile.mutable_sample_type()->set_type_strindex(type);
    profile.mutable_sample_type()->set_unit_strindex(unit);
    profile.set_time_unix_nano(kTime);
    const int idle = p < shape.profiles ? shape.idle_samples_per_profile : 0;
    for (int s = 0; s < shape.samples_per_profile + idle; ++s) {
      pb::Sample& sample = *profile.add_samples();
      std::string name = std::to_string(shape.seed);
      name += '.';
      name += std::to_string(s);
      sample.set_stack_index(p < shape.profiles ? AddStack(dictionary, name) : 1'000'000);
      if (s >= shape.samples_per_profile) sample.add_attribute_indices(1);
      sample.add_values(1);
      sample.add_timestamps_unix_nano(kTime + static_cast<uint64_t>(s));
    }
  }
  return request.SerializeAsString();
}

}  // namespace flameway
