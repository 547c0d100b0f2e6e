// SPDX-License-Identifier: Apache-2.0
#include "tests/support/row_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace flameway {
namespace {

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

std::string SetText(std::vector<std::string> members) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return fmt::format("{{{}}}", fmt::join(members, ", "));
}

std::string LinkText(const schema::Link& link) {
  if (IsNullLink(link)) return "none";
  return fmt::format("{}/{}", Quoted(link.trace_id()), Quoted(link.span_id()));
}

}  // namespace

bool IsNullLink(const schema::Link& link) {
  const std::string& trace = link.trace_id();
  const std::string& span = link.span_id();
  if (trace.empty() && span.empty()) return true;
  return trace.size() == 16 && span.size() == 8 && AllZero(trace) && AllZero(span);
}

RowTexts::RowTexts(const schema::ProfilesDictionary& dictionary, TextStore& store)
    : dictionary_(dictionary), store_(store) {
  // Bottom-up: each row mentions rows that already have their text. The null row of a table gets
  // the text of a row that holds nothing, so index 0 and a zero row elsewhere mean the same.
  for (const auto& row : dictionary.attribute_table()) {
    attributes_.rows.push_back(AttributeText(row));
  }
  functions_.null_row = Put(FunctionText(schema::Function()));
  for (const auto& row : dictionary.function_table()) {
    functions_.rows.push_back(Put(FunctionText(row)));
  }
  links_.null_row = LinkText(schema::Link());
  for (const auto& row : dictionary.link_table()) links_.rows.push_back(LinkText(row));
  mappings_.null_row = Put(MappingText(schema::Mapping()));
  for (const auto& row : dictionary.mapping_table()) {
    mappings_.rows.push_back(Put(MappingText(row)));
  }
  locations_.null_row = Put(LocationText(schema::Location()));
  for (const auto& row : dictionary.location_table()) {
    locations_.rows.push_back(Put(LocationText(row)));
  }
  stacks_.null_row = Put(StackText(schema::Stack()));
  for (const auto& row : dictionary.stack_table()) stacks_.rows.push_back(Put(StackText(row)));
}

std::string RowTexts::Put(const std::string& text) { return Reference(store_.Put(text)); }

std::string RowTexts::Table::Text(int32_t index) const {
  if (index == 0) return null_row;
  if (index > 0 && static_cast<size_t>(index) < rows.size()) {
    return rows[static_cast<size_t>(index)];
  }
  return fmt::format("!{} {}", name, index);
}

std::string RowTexts::String(int32_t index) const {
  if (index == 0) return Quoted("");
  if (index > 0 && index < dictionary_.string_table_size()) {
    return Quoted(dictionary_.string_table(index));
  }
  return fmt::format("!string {}", index);
}

std::string RowTexts::AttributeText(const schema::KeyValueAndUnit& row) {
  const std::string nothing = Quoted("");
  const std::string key = String(row.key_strindex());
  const std::string unit = String(row.unit_strindex());
  const bool unset = row.value().value_case() == schema::AnyValue::VALUE_NOT_SET;
  if (unset && key == nothing && unit == nothing) return "";
  return Put(key + "=" + Value(row.value()) + (unit == nothing ? "" : " unit " + unit));
}

std::string RowTexts::FunctionText(const schema::Function& row) const {
  return fmt::format("{} system {} file {} start {}", String(row.name_strindex()),
                     String(row.system_name_strindex()), String(row.filename_strindex()),
                     row.start_line());
}

std::string RowTexts::MappingText(const schema::Mapping& row) const {
  return fmt::format("{:#x}-{:#x} offset {:#x} of {} {}", row.memory_start(), row.memory_limit(),
                     row.file_offset(), String(row.filename_strindex()),
                     AttributeSet(row.attribute_indices()));
}

std::string RowTexts::LocationText(const schema::Location& row) const {
  std::string lines;
  for (const auto& line : row.lines()) {
    lines += fmt::format(" [{} line {} column {}]", Function(line.function_index()), line.line(),
                         line.column());
  }
  return fmt::format("{:#x} in ({}){} {}", row.address(), Mapping(row.mapping_index()), lines,
                     AttributeSet(row.attribute_indices()));
}

std::string RowTexts::StackText(const schema::Stack& row) const {
  std::string frames;
  for (int32_t index : row.location_indices()) frames += "\n    " + Location(index);
  return frames;
}

std::string RowTexts::AttributeSet(const google::protobuf::RepeatedField<int32_t>& indices) const {
  std::vector<std::string> members;
  for (int32_t index : indices) {
    std::string text = Attribute(index);
    if (!text.empty()) members.push_back(std::move(text));
  }
  return SetText(std::move(members));
}

std::string RowTexts::AttributeSet(
    const google::protobuf::RepeatedPtrField<schema::KeyValue>& attributes) const {
  std::vector<std::string> members;
  for (const auto& attribute : attributes) members.push_back(Pair(attribute));
  return SetText(std::move(members));
}

std::string RowTexts::Type(const schema::ValueType& type) const {
  return String(type.type_strindex()) + " in " + String(type.unit_strindex());
}

std::string RowTexts::Key(const schema::KeyValue& attribute) const {
  if (attribute.key_strindex() == 0) return Quoted(attribute.key());
  const std::string referenced = String(attribute.key_strindex());
  if (attribute.key().empty()) return referenced;
  return "!two keys " + Quoted(attribute.key()) + " and " + referenced;
}

std::string RowTexts::Pair(const schema::KeyValue& attribute) const {
  return Key(attribute) + "=" + Value(attribute.value());
}

std::string RowTexts::Value(const schema::AnyValue& value) const {
  switch (value.value_case()) {
    case schema::AnyValue::VALUE_NOT_SET:
      return "unset";
    case schema::AnyValue::kStringValue:
      return Quoted(value.string_value());
    case schema::AnyValue::kStringValueStrindex:
      return String(value.string_value_strindex());
    case schema::AnyValue::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case schema::AnyValue::kIntValue:
      return fmt::format("int {}", value.int_value());
    case schema::AnyValue::kDoubleValue:
      return fmt::format("double {} ({:#x})", value.double_value(),
                         std::bit_cast<uint64_t>(value.double_value()));
    case schema::AnyValue::kBytesValue:
      return "bytes " + Quoted(value.bytes_value());
    case schema::AnyValue::kArrayValue: {
      std::vector<std::string> members;
      for (const auto& member : value.array_value().values()) members.push_back(Value(member));
      return fmt::format("[{}]", fmt::join(members, ", "));
    }
    case schema::AnyValue::kKvlistValue: {
      std::vector<std::string> members;
      for (const auto& member : value.kvlist_value().values()) members.push_back(Pair(member));
      return fmt::format("({})", fmt::join(members, ", "));
    }
  }
  return "!value";
}

}  // namespace flameway
