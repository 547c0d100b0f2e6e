// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_rewriter.h"

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {

void RowRewriter::Attribute(std::string_view row, wire::BackCursor& out) const {
  namespace fields = otlp::KeyValueAndUnit;
  uint64_t key = 0;
  uint64_t unit = 0;
  std::string_view value;
  for (wire::Reader reader(row); reader.Next();) {
    if (reader.field() == fields::key_strindex) key = reader.value();
    if (reader.field() == fields::value) value = reader.bytes();
    if (reader.field() == fields::unit_strindex) unit = reader.value();
  }
  out.VarintFieldUnlessZero(fields::unit_strindex, String(unit));
  if (!row.empty()) {
    const char* const end = out.begin();
    out.Bytes(value);
    out.BytesPrefix(fields::value, end);
  }
  out.VarintFieldUnlessZero(fields::key_strindex, String(key));
}

void RowRewriter::Function(std::string_view row, wire::BackCursor& out) const {
  namespace fields = otlp::Function;
  uint64_t values[5] = {};
  (void)wire::ReadVarintFields<4>(row, values);
  out.VarintFieldUnlessZero(fields::start_line, values[fields::start_line]);
  out.VarintFieldUnlessZero(fields::filename_strindex, String(values[fields::filename_strindex]));
  out.VarintFieldUnlessZero(fields::system_name_strindex,
                            String(values[fields::system_name_strindex]));
  out.VarintFieldUnlessZero(fields::name_strindex, String(values[fields::name_strindex]));
}

void RowRewriter::Mapping(std::string_view row, wire::BackCursor& out) const {
  namespace fields = otlp::Mapping;
  uint64_t values[5] = {};
  (void)wire::ReadVarintFields<4>(row, values);
  out.VarintFieldUnlessZero(fields::filename_strindex, String(values[fields::filename_strindex]));
  out.VarintFieldUnlessZero(fields::file_offset, values[fields::file_offset]);
  out.VarintFieldUnlessZero(fields::memory_limit, values[fields::memory_limit]);
  out.VarintFieldUnlessZero(fields::memory_start, values[fields::memory_start]);
}

void RowRewriter::Location(std::string_view row, wire::BackCursor& out) {
  WrittenLocation location = ReadLocation(row);
  lines_.clear();
  while (!location.lines.empty()) lines_.push_back(TakeLine(location.lines));
  for (size_t i = lines_.size(); i-- > 0;) {
    const WrittenLine& line = lines_[i];
    const char* const end = out.begin();
    out.VarintFieldUnlessZero(otlp::Line::column, line.column);
    out.VarintFieldUnlessZero(otlp::Line::function_index,
                              numberings_.functions.NumberOf(line.function));
    out.VarintFieldUnlessZero(otlp::Line::line, line.line);
    out.BytesPrefix(otlp::Location::lines, end);
  }
  out.VarintFieldUnlessZero(otlp::Location::mapping_index,
                            numberings_.mappings.NumberOf(location.mapping));
  out.VarintFieldUnlessZero(otlp::Location::address, location.address);
}

void RowRewriter::Head(std::string_view head, wire::BackCursor& out) const {
  wire::Reader reader(head);
  std::string_view types[2];
  for (std::string_view& type : types) {
    if (reader.Next()) type = reader.bytes();
  }
  out.Bytes(head.substr(static_cast<size_t>(reader.position() - head.data())));
  const auto write = [&](uint32_t field, std::string_view type) {
    namespace fields = otlp::ValueType;
    uint64_t values[3] = {};
    (void)wire::ReadVarintFields<2>(type, values);
    const char* const end = out.begin();
    out.VarintFieldUnlessZero(fields::unit_strindex, String(values[fields::unit_strindex]));
    out.VarintFieldUnlessZero(fields::type_strindex, String(values[fields::type_strindex]));
    out.BytesPrefix(field, end);
  };
  write(otlp::Profile::period_type, types[1]);
  write(otlp::Profile::sample_type, types[0]);
}

}  // namespace flameway
