// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/row_text.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "proto/otlp/fields.h"

namespace flameway {
namespace {

using Table = MessageTables::Table;
using wire::Reader;
using wire::WireType;

constexpr size_t kMostShownBytes = 1024;  // of one string
constexpr int kMostNesting = 32;          // of attribute values

}  // namespace

std::string HexText(std::string_view bytes) {
  return absl::BytesToHexString(
      absl::string_view(bytes.data(), std::min<size_t>(bytes.size(), 64)));
}

std::string EscapedText(std::string_view text) {
  const std::string_view shown = text.substr(0, kMostShownBytes);
  std::string escaped = absl::Utf8SafeCHexEscape(absl::string_view(shown.data(), shown.size()));
  if (shown.size() < text.size()) escaped += "...";
  return escaped;
}

std::string RowText::LineText(std::string_view line) {
  uint64_t function = 0;
  int64_t number = 0;
  Reader fields(line);
  while (fields.Next()) {
    if (fields.type() != WireType::kVarint) continue;
    if (fields.field() == otlp::Line::function_index) function = fields.value();
    if (fields.field() == otlp::Line::line) number = static_cast<int64_t>(fields.value());
  }
  const auto row = tables_->Row(Table::kFunction, function);
  if (!row.has_value()) return absl::StrFormat("(no function %d)", function);
  std::string name;
  std::string system_name;
  std::string file;
  Reader parts(*row);
  while (parts.Next()) {
    if (parts.type() != WireType::kVarint || parts.value() == 0) continue;
    if (parts.field() == otlp::Function::name_strindex) name = String(parts.value());
    if (parts.field() == otlp::Function::system_name_strindex) system_name = String(parts.value());
    if (parts.field() == otlp::Function::filename_strindex) file = String(parts.value());
  }
  std::string text = !name.empty() ? name : !system_name.empty() ? system_name : "?";
  if (!file.empty()) absl::StrAppend(&text, " ", file);
  if (number != 0) absl::StrAppend(&text, file.empty() ? " :" : ":", number);
  return text;
}

std::string RowText::MappingText(uint64_t index) {
  const auto row = tables_->Row(Table::kMapping, index);
  if (!row.has_value()) return absl::StrFormat("(no mapping %d)", index);
  std::string file;
  std::string attributes;
  Reader fields(*row);
  while (fields.Next() && attributes.size() < kMostText) {
    if (fields.field() == otlp::Mapping::filename_strindex && fields.type() == WireType::kVarint) {
      file = String(fields.value());
    } else if (fields.field() == otlp::Mapping::attribute_indices) {
      attributes += Attributes(fields);
    }
  }
  return absl::StrCat("[", file, attributes, "]");
}

std::string RowText::LinkText(uint64_t index) {
  const auto row = tables_->Row(Table::kLink, index);
  if (!row.has_value()) return absl::StrFormat(" (no link %d)", index);
  std::string trace;
  std::string span;
  Reader fields(*row);
  while (fields.Next()) {
    if (fields.type() != WireType::kBytes) continue;
    if (fields.field() == otlp::Link::trace_id) trace = HexText(fields.bytes());
    if (fields.field() == otlp::Link::span_id) span = HexText(fields.bytes());
  }
  return absl::StrCat(" trace=", trace, " span=", span);
}

std::string RowText::String(uint64_t index) {
  const auto row = tables_->Row(Table::kString, index);
  return row.has_value() ? EscapedText(*row) : absl::StrFormat("(no string %d)", index);
}

std::string RowText::ValueType(std::string_view value_type) {
  uint64_t type = 0;
  uint64_t unit = 0;
  Reader fields(value_type);
  while (fields.Next()) {
    if (fields.type() != WireType::kVarint) continue;
    if (fields.field() == otlp::ValueType::type_strindex) type = fields.value();
    if (fields.field() == otlp::ValueType::unit_strindex) unit = fields.value();
  }
  return absl::StrCat(String(type), "/", String(unit));
}

std::string RowText::Attribute(uint64_t index) {
  const auto row = tables_->Row(Table::kAttribute, index);
  if (!row.has_value()) return absl::StrFormat("(no attribute %d)", index);
  std::string key;
  std::string value;
  std::string unit;
  Reader fields(*row);
  while (fields.Next() && value.size() < kMostText) {
    if (fields.field() == otlp::KeyValueAndUnit::key_strindex &&
        fields.type() == WireType::kVarint) {
      key = String(fields.value());
    } else if (fields.field() == otlp::KeyValueAndUnit::unit_strindex &&
               fields.type() == WireType::kVarint) {
      if (fields.value() != 0) unit = absl::StrCat(" ", String(fields.value()));
    } else if (fields.field() == otlp::KeyValueAndUnit::value &&
               fields.type() == WireType::kBytes) {
      value = Value(fields.bytes(), 0);
    }
  }
  return absl::StrCat(key, "=", value, unit);
}

std::string RowText::Attributes(const Reader& field) {
  std::string text;
  const bool whole = EachVarint(field, [&](uint64_t index) {
    absl::StrAppend(&text, " ", Attribute(index));
    return text.size() < kMostText && !tables_->exhausted();
  });
  return whole ? text : text + " (damaged list)";
}

std::string RowText::NestedKeyValue(std::string_view key_value, int nesting) {
  std::string key;
  std::string value;
  Reader fields(key_value);
  while (fields.Next() && value.size() < kMostText) {
    if (fields.field() == otlp::KeyValue::key && fields.type() == WireType::kBytes) {
      key = EscapedText(fields.bytes());
    } else if (fields.field() == otlp::KeyValue::key_strindex &&
               fields.type() == WireType::kVarint) {
      key = String(fields.value());
    } else if (fields.field() == otlp::KeyValue::value && fields.type() == WireType::kBytes) {
      value = Value(fields.bytes(), nesting);
    }
  }
  return absl::StrCat(key, "=", value);
}

std::string RowText::Value(std::string_view any_value, int nesting) {
  if (nesting >= kMostNesting) return "(nested too deeply)";
  std::string text;
  Reader fields(any_value);
  while (fields.Next() && !tables_->exhausted()) {
    // The last of several wins, as in protobuf.
    switch (fields.field()) {
      case otlp::AnyValue::string_value:
        if (fields.type() == WireType::kBytes) text = EscapedText(fields.bytes());
        break;
      case otlp::AnyValue::string_value_strindex:
        if (fields.type() == WireType::kVarint) text = String(fields.value());
        break;
      case otlp::AnyValue::bool_value:
        text = fields.value() != 0 ? "true" : "false";
        break;
      case otlp::AnyValue::int_value:
        text = std::to_string(static_cast<int64_t>(fields.value()));
        break;
      case otlp::AnyValue::double_value:
        text = absl::StrFormat("%g", std::bit_cast<double>(fields.value()));
        break;
      case otlp::AnyValue::bytes_value:
        if (fields.type() == WireType::kBytes) text = absl::StrCat("0x", HexText(fields.bytes()));
        break;
      case otlp::AnyValue::array_value:
        if (fields.type() == WireType::kBytes) text = ValueList(fields.bytes(), nesting, "[]");
        break;
      case otlp::AnyValue::kvlist_value:
        if (fields.type() == WireType::kBytes) text = ValueList(fields.bytes(), nesting, "{}");
        break;
      default:
        break;
    }
  }
  return text;
}

std::string RowText::ValueList(std::string_view list, int nesting, std::string_view brackets) {
  static_assert(otlp::ArrayValue::values == otlp::KeyValueList::values);
  std::string text(1, brackets.front());
  Reader fields(list);
  while (fields.Next() && text.size() < kMostText) {
    if (fields.field() != otlp::ArrayValue::values || fields.type() != WireType::kBytes) continue;
    if (text.size() > 1) text += ", ";
    text += brackets.front() == '[' ? Value(fields.bytes(), nesting + 1)
                                    : NestedKeyValue(fields.bytes(), nesting + 1);
  }
  return text + brackets.back();
}

}  // namespace flameway
