// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/request_writer.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::Writer;
using Row = RequestWriter::Row;

void AppendPacked(uint32_t field, std::span<const Row> rows, std::string* out) {
  if (rows.empty()) return;
  size_t size = 0;
  for (const Row row : rows) size += wire::VarintSize(row);
  Writer writer(out);
  writer.BytesPrefix(field, size);
  for (const Row row : rows) writer.Varint(row);
}

}  // namespace

std::string EncodeAnyValue(const AttributeValue& value) {
  std::string any;
  Writer writer(&any);
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    writer.BytesField(otlp::AnyValue::string_value, *text);
  } else {
    writer.VarintField(otlp::AnyValue::int_value, static_cast<uint64_t>(std::get<int64_t>(value)));
  }
  return any;
}

std::string EncodeKeyValue(std::string_view key, const AttributeValue& value) {
  std::string pair;
  Writer writer(&pair);
  writer.BytesField(otlp::KeyValue::value, EncodeAnyValue(value));
  writer.BytesField(otlp::KeyValue::key, key);
  return pair;
}

Row RequestWriter::Table::Add(std::string_view row) {
  const auto [found, is_new] =
      rows.try_emplace(absl::string_view(row.data(), row.size()), static_cast<Row>(rows.size()));
  if (is_new) Writer(&bytes).BytesField(field, row);
  return found->second;
}

RequestWriter::RequestWriter() {
  mappings_.field = otlp::ProfilesDictionary::mapping_table;
  locations_.field = otlp::ProfilesDictionary::location_table;
  functions_.field = otlp::ProfilesDictionary::function_table;
  links_.field = otlp::ProfilesDictionary::link_table;
  strings_.field = otlp::ProfilesDictionary::string_table;
  attributes_.field = otlp::ProfilesDictionary::attribute_table;
  stacks_.field = otlp::ProfilesDictionary::stack_table;
  Begin();
}

void RequestWriter::Begin() {
  for (Table* table :
       {&mappings_, &locations_, &functions_, &links_, &strings_, &attributes_, &stacks_}) {
    table->rows.clear();
    table->bytes.clear();
  }
  for (Table* table : {&mappings_, &locations_, &functions_, &strings_, &stacks_}) table->Add("");
  // pdata writes these two null rows with their empty fields.
  std::string empty;
  Writer(&empty).BytesField(otlp::KeyValueAndUnit::value, "");
  attributes_.Add(empty);
  empty.clear();
  Writer(&empty).BytesField(otlp::Link::span_id, "");
  Writer(&empty).BytesField(otlp::Link::trace_id, "");
  links_.Add(empty);
}

Row RequestWriter::String(std::string_view text) { return strings_.Add(text); }

Row RequestWriter::Attribute(std::string_view key, AttributeValue value) {
  const Row key_row = String(key);
  row_.clear();
  Writer writer(&row_);
  writer.BytesField(otlp::KeyValueAndUnit::value, EncodeAnyValue(value));
  writer.VarintField(otlp::KeyValueAndUnit::key_strindex, key_row);
  return attributes_.Add(row_);
}

Row RequestWriter::Function(std::string_view name, std::string_view filename) {
  const Row name_row = String(name);
  const Row file_row = String(filename);
  row_.clear();
  Writer writer(&row_);
  writer.VarintFieldUnlessZero(otlp::Function::filename_strindex, file_row);
  writer.VarintFieldUnlessZero(otlp::Function::name_strindex, name_row);
  return functions_.Add(row_);
}

Row RequestWriter::Mapping(const MappingRow& mapping) {
  const Row file_row = String(mapping.filename);
  row_.clear();
  AppendPacked(otlp::Mapping::attribute_indices, mapping.attributes, &row_);
  Writer writer(&row_);
  writer.VarintFieldUnlessZero(otlp::Mapping::filename_strindex, file_row);
  writer.VarintFieldUnlessZero(otlp::Mapping::file_offset, mapping.file_offset);
  writer.VarintFieldUnlessZero(otlp::Mapping::memory_limit, mapping.memory_limit);
  writer.VarintFieldUnlessZero(otlp::Mapping::memory_start, mapping.memory_start);
  return mappings_.Add(row_);
}

Row RequestWriter::Location(const LocationRow& location) {
  row_.clear();
  Writer writer(&row_);
  if (location.frame_type != 0) {
    AppendPacked(otlp::Location::attribute_indices, {&location.frame_type, 1}, &row_);
  }
  if (location.function != 0) {
    wire::SmallMessage<2> line;
    line.VarintFieldUnlessZero(otlp::Line::line, static_cast<uint64_t>(location.line));
    line.VarintFieldUnlessZero(otlp::Line::function_index, location.function);
    writer.BytesField(otlp::Location::lines, line.bytes());
  }
  writer.VarintFieldUnlessZero(otlp::Location::address, location.address);
  writer.VarintFieldUnlessZero(otlp::Location::mapping_index, location.mapping);
  return locations_.Add(row_);
}

Row RequestWriter::Stack(std::span<const Row> locations) {
  row_.clear();
  AppendPacked(otlp::Stack::location_indices, locations, &row_);
  return stacks_.Add(row_);
}

Row RequestWriter::Link(std::string_view trace_id, std::string_view span_id) {
  row_.clear();
  Writer writer(&row_);
  writer.BytesField(otlp::Link::span_id, span_id);
  writer.BytesField(otlp::Link::trace_id, trace_id);
  return links_.Add(row_);
}

void RequestWriter::AddSample(const Sample& sample) {
  row_.clear();
  Writer writer(&row_);
  if (!sample.timestamps.empty()) {
    writer.BytesField(otlp::Sample::timestamps_unix_nano,
                      {reinterpret_cast<const char*>(sample.timestamps.data()),
                       sample.timestamps.size_bytes()});  // little endian, as everywhere here
  }
  if (!sample.values.empty()) {
    size_t size = 0;
    for (const int64_t value : sample.values) {
      size += wire::VarintSize(static_cast<uint64_t>(value));
    }
    writer.BytesPrefix(otlp::Sample::values, size);
    for (const int64_t value : sample.values) writer.Varint(static_cast<uint64_t>(value));
  }
  writer.VarintFieldUnlessZero(otlp::Sample::link_index, sample.link);
  size_t count = 0;
  while (count < sample.attributes.size() && sample.attributes[count] != 0) ++count;
  AppendPacked(otlp::Sample::attribute_indices, {sample.attributes.data(), count}, &row_);
  writer.VarintFieldUnlessZero(otlp::Sample::stack_index, sample.stack);
  Writer(&samples_).BytesField(otlp::Profile::samples, row_);
}

void RequestWriter::EndResource(
    std::span<const std::pair<std::string_view, AttributeValue>> resource, const Scope& scope,
    const Profile& profile, std::string_view schema_url) {
  const auto value_type = [](Row type, Row unit) {
    std::string bytes;
    Writer writer(&bytes);
    writer.VarintFieldUnlessZero(otlp::ValueType::unit_strindex, unit);
    writer.VarintFieldUnlessZero(otlp::ValueType::type_strindex, type);
    return bytes;
  };
  std::string profile_bytes;
  {
    Writer writer(&profile_bytes);
    writer.BytesField(otlp::Profile::profile_id, "");
    writer.VarintFieldUnlessZero(otlp::Profile::period, static_cast<uint64_t>(profile.period));
    writer.BytesField(otlp::Profile::period_type,
                      value_type(profile.period_type, profile.period_unit));
    writer.VarintFieldUnlessZero(otlp::Profile::duration_nano, profile.duration_nano);
    writer.Fixed64Field(otlp::Profile::time_unix_nano, profile.time_unix_nano);
    profile_bytes += samples_;
    writer.BytesField(otlp::Profile::sample_type,
                      value_type(profile.sample_type, profile.sample_unit));
  }
  samples_.clear();

  std::string scope_bytes;
  Writer(&scope_bytes).BytesField(otlp::InstrumentationScope::version, scope.version);
  Writer(&scope_bytes).BytesField(otlp::InstrumentationScope::name, scope.name);
  std::string scope_profiles;
  Writer(&scope_profiles).BytesField(otlp::ScopeProfiles::schema_url, schema_url);
  Writer(&scope_profiles).BytesField(otlp::ScopeProfiles::profiles, profile_bytes);
  Writer(&scope_profiles).BytesField(otlp::ScopeProfiles::scope, scope_bytes);

  std::string attributes;
  for (const auto& [key, value] : resource) {
    Writer(&attributes).BytesField(otlp::Resource::attributes, EncodeKeyValue(key, value));
  }
  std::string resource_profiles;
  Writer(&resource_profiles).BytesField(otlp::ResourceProfiles::schema_url, schema_url);
  Writer(&resource_profiles).BytesField(otlp::ResourceProfiles::scope_profiles, scope_profiles);
  Writer(&resource_profiles).BytesField(otlp::ResourceProfiles::resource, attributes);
  Writer(&resources_)
      .BytesField(otlp::ExportProfilesServiceRequest::resource_profiles, resource_profiles);
}

std::string RequestWriter::Finish() {
  const Table* const tables[] = {&stacks_,    &attributes_, &strings_, &links_,
                                 &functions_, &locations_,  &mappings_};
  size_t size = 0;
  for (const Table* table : tables) size += table->bytes.size();
  std::string request;
  request.reserve(size + resources_.size() + 2 * wire::kMaxVarintBytes);
  Writer(&request).BytesPrefix(otlp::ExportProfilesServiceRequest::dictionary, size);
  for (const Table* table : tables) request += table->bytes;
  request += resources_;
  resources_.clear();
  Begin();
  return request;
}

}  // namespace flameway
