// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/cli/sample_request.h"

#include <algorithm>
#include <iterator>

#include "bridge/cli/message_framing.h"
#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::Writer;

class Names {
 public:
  // The index of a text, row 0 being the empty one.
  uint64_t Of(std::string_view text) {
    const auto found = std::find(texts_.begin(), texts_.end(), text);
    if (found != texts_.end()) return static_cast<uint64_t>(found - texts_.begin());
    texts_.emplace_back(text);
    return texts_.size() - 1;
  }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_ = {""};
};

std::string Resource(std::string_view service) {
  std::string value;
  Writer(&value).BytesField(otlp::AnyValue::string_value, service);
  std::string attribute;
  Writer(&attribute).BytesField(otlp::KeyValue::key, "service.name");
  Writer(&attribute).BytesField(otlp::KeyValue::value, value);
  std::string resource;
  Writer(&resource).BytesField(otlp::Resource::attributes, attribute);
  return resource;
}

std::string Sample(const SampleRequest::Sample& sample, uint64_t stack) {
  std::string bytes;
  Writer out(&bytes);
  const uint64_t index =
      sample.stack_index >= 0 ? static_cast<uint64_t>(sample.stack_index) : stack;
  out.VarintField(otlp::Sample::stack_index, index);
  std::string timestamps;
  for (const uint64_t timestamp : sample.timestamps) {
    for (int shift = 0; shift < 64; shift += 8) {
      timestamps.push_back(static_cast<char>(timestamp >> shift));
    }
  }
  out.BytesField(otlp::Sample::timestamps_unix_nano, timestamps);
  return bytes;
}

std::string Dictionary(const Names& names, uint64_t functions) {
  std::string dictionary;
  Writer out(&dictionary);
  using Tables = std::vector<uint32_t>;
  for (const uint32_t table :
       Tables{otlp::ProfilesDictionary::mapping_table, otlp::ProfilesDictionary::location_table,
              otlp::ProfilesDictionary::function_table, otlp::ProfilesDictionary::link_table,
              otlp::ProfilesDictionary::attribute_table, otlp::ProfilesDictionary::stack_table}) {
    out.BytesField(table, "");
  }
  for (const std::string& text : names.texts()) {
    out.BytesField(otlp::ProfilesDictionary::string_table, text);
  }
  for (uint64_t row = 1; row <= functions; ++row) {  // function, location and stack of one number
    std::string function;
    Writer(&function).VarintField(otlp::Function::name_strindex, row);
    out.BytesField(otlp::ProfilesDictionary::function_table, function);
    std::string line;
    Writer(&line).VarintField(otlp::Line::function_index, row);
    std::string location;
    Writer(&location).BytesField(otlp::Location::lines, line);
    out.BytesField(otlp::ProfilesDictionary::location_table, location);
    std::string stack;
    Writer(&stack).BytesField(otlp::Stack::location_indices,
                              std::string(1, static_cast<char>(row)));
    out.BytesField(otlp::ProfilesDictionary::stack_table, stack);
  }
  return dictionary;
}

}  // namespace

std::string EncodeSampleRequest(const SampleRequest& request) {
  Names names;
  std::vector<std::string> functions;
  for (const auto& profile : request.profiles) {
    for (const auto& sample : profile) functions.push_back(sample.function);
  }
  if (request.reversed_strings) std::reverse(functions.begin(), functions.end());
  for (const std::string& function : functions) names.Of(function);
  const uint64_t function_rows = names.texts().size() - 1;

  std::string profiles;
  for (const auto& samples : request.profiles) {
    std::string type;
    Writer(&type).VarintField(otlp::ValueType::type_strindex, names.Of("samples"));
    Writer(&type).VarintField(otlp::ValueType::unit_strindex, names.Of("count"));
    std::string profile;
    Writer out(&profile);
    out.BytesField(otlp::Profile::sample_type, type);
    for (const auto& sample : samples) {
      out.BytesField(otlp::Profile::samples, Sample(sample, names.Of(sample.function)));
    }
    out.Fixed64Field(otlp::Profile::time_unix_nano, 500);
    out.VarintField(otlp::Profile::duration_nano, 5'000);
    Writer(&profiles).BytesField(otlp::ScopeProfiles::profiles, profile);
  }
  std::string resource;
  Writer(&resource).BytesField(otlp::ResourceProfiles::resource, Resource(request.service));
  Writer(&resource).BytesField(otlp::ResourceProfiles::scope_profiles, profiles);
  std::string bytes;
  Writer out(&bytes);
  out.BytesField(otlp::ExportProfilesServiceRequest::resource_profiles, resource);
  out.BytesField(otlp::ExportProfilesServiceRequest::dictionary, Dictionary(names, function_rows));
  return bytes;
}

std::string LengthPrefixed(const std::vector<std::string>& messages) {
  std::string content;
  for (const std::string& message : messages) {
    AppendLengthPrefix(message.size(), &content);
    content += message;
  }
  return content;
}

}  // namespace flameway
