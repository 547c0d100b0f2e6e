// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/dictionary_text.h"

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "bridge/observe/json_text.h"
#include "fmt/format.h"
#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

using wire::Reader;
using wire::ReadError;
using wire::WireType;

enum class Kind : uint8_t { kNumber, kAddress, kString, kList, kLine, kBytes, kValue };

struct Column {
  uint32_t field;
  std::string_view name;
  Kind kind;
};

struct Table {
  uint32_t field;
  std::string_view name;
  std::span<const Column> columns;
};

namespace columns {
constexpr Column kMapping[] = {{otlp::Mapping::memory_start, "start", Kind::kAddress},
                               {otlp::Mapping::memory_limit, "limit", Kind::kAddress},
                               {otlp::Mapping::file_offset, "offset", Kind::kAddress},
                               {otlp::Mapping::filename_strindex, "file", Kind::kString},
                               {otlp::Mapping::attribute_indices, "attributes", Kind::kList}};
constexpr Column kLocation[] = {{otlp::Location::mapping_index, "mapping", Kind::kNumber},
                                {otlp::Location::address, "address", Kind::kAddress},
                                {otlp::Location::lines, "line", Kind::kLine},
                                {otlp::Location::attribute_indices, "attributes", Kind::kList}};
constexpr Column kLine[] = {{otlp::Line::function_index, "function", Kind::kNumber},
                            {otlp::Line::line, "line", Kind::kNumber},
                            {otlp::Line::column, "column", Kind::kNumber}};
constexpr Column kFunction[] = {{otlp::Function::name_strindex, "name", Kind::kString},
                                {otlp::Function::system_name_strindex, "system", Kind::kString},
                                {otlp::Function::filename_strindex, "file", Kind::kString},
                                {otlp::Function::start_line, "line", Kind::kNumber}};
constexpr Column kLink[] = {{otlp::Link::trace_id, "trace", Kind::kBytes},
                            {otlp::Link::span_id, "span", Kind::kBytes}};
constexpr Column kAttribute[] = {{otlp::KeyValueAndUnit::key_strindex, "key", Kind::kString},
                                 {otlp::KeyValueAndUnit::value, "value", Kind::kValue},
                                 {otlp::KeyValueAndUnit::unit_strindex, "unit", Kind::kString}};
constexpr Column kStack[] = {{otlp::Stack::location_indices, "locations", Kind::kList}};
}  // namespace columns

constexpr Table kTables[] = {
    {otlp::ProfilesDictionary::string_table, "string_table", {}},
    {otlp::ProfilesDictionary::function_table, "function_table", columns::kFunction},
    {otlp::ProfilesDictionary::mapping_table, "mapping_table", columns::kMapping},
    {otlp::ProfilesDictionary::location_table, "location_table", columns::kLocation},
    {otlp::ProfilesDictionary::stack_table, "stack_table", columns::kStack},
    {otlp::ProfilesDictionary::attribute_table, "attribute_table", columns::kAttribute},
    {otlp::ProfilesDictionary::link_table, "link_table", columns::kLink}};

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonString(text, &quoted);
  return quoted;
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

class DictionaryPrinter {
 public:
  explicit DictionaryPrinter(size_t max_rows) : max_rows_(max_rows) {}

  std::string Print(std::string_view dictionary) {
    Reader fields(dictionary);
    while (fields.Next()) {
      if (fields.field() == otlp::ProfilesDictionary::string_table &&
          fields.type() == WireType::kBytes) {
        strings_.push_back(fields.bytes());
      }
    }
    for (const Table& table : kTables) PrintTable(dictionary, table);
    if (fields.error() != ReadError::kNone) text_ += "(damaged here)\n";
    return std::move(text_);
  }

 private:
  void PrintTable(std::string_view dictionary, const Table& table) {
    text_ += fmt::format("{}\n", table.name);
    size_t row = 0;
    Reader fields(dictionary);
    while (fields.Next()) {
      if (fields.field() != table.field || fields.type() != WireType::kBytes) continue;
      if (max_rows_ == 0 || row < max_rows_) {
        text_ += fmt::format("  {:>6}", row);
        if (table.columns.empty()) {
          text_ += ' ';
          text_ += Quoted(fields.bytes());
        } else {
          Fields(fields.bytes(), table.columns);
        }
        text_ += '\n';
      }
      ++row;
    }
    if (max_rows_ > 0 && row > max_rows_) {
      text_ += fmt::format("  ... and {} more\n", row - max_rows_);
    }
  }

  void Fields(std::string_view message, std::span<const Column> row_columns) {
    Reader fields(message);
    while (fields.Next()) {
      for (const Column& column : row_columns) {
        if (column.field == fields.field()) Field(fields, column);
      }
    }
    if (fields.error() != ReadError::kNone) text_ += " (damaged here)";
  }

  void Field(const Reader& fields, const Column& column) {
    const bool is_bytes = fields.type() == WireType::kBytes;
    if (column.kind == Kind::kLine && is_bytes) {
      text_ += " (";
      Fields(fields.bytes(), columns::kLine);
      text_ += " )";
      return;
    }
    text_ += fmt::format(" {}=", column.name);
    if (is_bytes) {
      if (column.kind == Kind::kBytes) text_ += Hex(fields.bytes());
      if (column.kind == Kind::kList) List(fields.bytes());
      if (column.kind == Kind::kValue) Value(fields.bytes());
    } else if (column.kind == Kind::kString) {
      String(fields.value());
    } else if (column.kind == Kind::kAddress) {
      text_ += fmt::format("{:#x}", fields.value());
    } else {
      text_ += std::to_string(static_cast<int64_t>(fields.value()));
    }
  }

  void String(uint64_t index) {
    text_ += index < strings_.size() ? Quoted(strings_[index])
                                     : fmt::format("string {} of {}", index, strings_.size());
  }

  void List(std::string_view packed) {
    text_ += '[';
    const char* p = packed.data();
    const char* const end = p + packed.size();
    bool first = true;
    for (uint64_t index = 0; p != end && wire::ReadVarint(p, end, index) == wire::VarintStatus::kOk;
         first = false) {
      text_ += fmt::format("{}{}", first ? "" : " ", index);
    }
    text_ += ']';
  }

  // Nested values are told by their size only: samples show them in full.
  void Value(std::string_view value) {
    Reader fields(value);
    while (fields.Next()) {
      switch (fields.field()) {
        case otlp::AnyValue::string_value:
          text_ += Quoted(fields.bytes());
          return;
        case otlp::AnyValue::bool_value:
          text_ += fields.value() != 0 ? "true" : "false";
          return;
        case otlp::AnyValue::int_value:
          text_ += std::to_string(static_cast<int64_t>(fields.value()));
          return;
        case otlp::AnyValue::double_value:
          text_ += fmt::format("{}", std::bit_cast<double>(fields.value()));
          return;
        case otlp::AnyValue::bytes_value:
          text_ += Hex(fields.bytes());
          return;
        case otlp::AnyValue::string_value_strindex:
          String(fields.value());
          return;
        default:
          text_ += fmt::format("({} bytes, nested)", value.size());
          return;
      }
    }
    text_ += "(empty)";
  }

  const size_t max_rows_;
  std::vector<std::string_view> strings_;
  std::string text_;
};

}  // namespace

std::string DescribeDictionary(std::string_view message, size_t max_rows) {
  std::string text;
  Reader fields(message);
  while (fields.Next()) {
    if (fields.field() == otlp::ExportProfilesServiceRequest::dictionary &&
        fields.type() == WireType::kBytes) {
      text += DictionaryPrinter(max_rows).Print(fields.bytes());
    }
  }
  if (text.empty()) text = "(no dictionary)\n";
  return text;
}

}  // namespace flameway
