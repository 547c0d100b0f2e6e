// SPDX-License-Identifier: Apache-2.0
// The fields of the dictionary's rows, written into the open row of a table, and read from there;
// lists of attributes and of frames are the caller's. They stand in the order a message has them,
// but for a location's address, which is the last there, behind the attributes. Why that order:
// docs/decisions/0009-sorted-rows.md.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "processor/batch/output_table.h"
#include "processor/model/ids.h"
#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/varint.h"

namespace flameway {

inline constexpr size_t kMostFieldBytes = 1 + wire::kMaxVarintBytes;

// A varint field at `out`, unless it is zero. Field numbers are below 16.
inline char* WriteField(char* out, uint32_t field, uint64_t value) {
  if (value == 0) return out;
  *out++ = static_cast<char>(wire::OneByteTag(field, wire::WireType::kVarint));
  return wire::WriteVarint(out, value);
}

// A field of bytes at `out`, empty or not.
inline char* WriteBytes(char* out, uint32_t field, std::string_view bytes) {
  *out++ = static_cast<char>(wire::OneByteTag(field, wire::WireType::kBytes));
  out = wire::WriteVarint(out, bytes.size());
  return std::copy(bytes.begin(), bytes.end(), out);
}

inline void WriteAttribute(StringId key, std::string_view value, StringId unit, OutputTable& out) {
  char* p = out.Open(3 * kMostFieldBytes + value.size());
  p = WriteField(p, otlp::KeyValueAndUnit::key_strindex, key.value());
  p = WriteBytes(p, otlp::KeyValueAndUnit::value, value);
  out.Written(WriteField(p, otlp::KeyValueAndUnit::unit_strindex, unit.value()));
}

inline void WriteFunction(StringId name, StringId system_name, StringId filename,
                          int64_t start_line, OutputTable& out) {
  char* p = out.Open(4 * kMostFieldBytes);
  p = WriteField(p, otlp::Function::name_strindex, name.value());
  p = WriteField(p, otlp::Function::system_name_strindex, system_name.value());
  p = WriteField(p, otlp::Function::filename_strindex, filename.value());
  out.Written(WriteField(p, otlp::Function::start_line, static_cast<uint64_t>(start_line)));
}

inline void WriteMapping(uint64_t memory_start, uint64_t memory_limit, uint64_t file_offset,
                         StringId filename, OutputTable& out) {
  char* p = out.Open(4 * kMostFieldBytes);
  p = WriteField(p, otlp::Mapping::memory_start, memory_start);
  p = WriteField(p, otlp::Mapping::memory_limit, memory_limit);
  p = WriteField(p, otlp::Mapping::file_offset, file_offset);
  out.Written(WriteField(p, otlp::Mapping::filename_strindex, filename.value()));
}

inline void WriteLocation(MappingId mapping, uint64_t address, OutputTable& out) {
  char* p = out.Open(2 * kMostFieldBytes);
  p = WriteField(p, otlp::Location::address, address);
  out.Written(WriteField(p, otlp::Location::mapping_index, mapping.value()));
}

// One more line of the open location.
inline void WriteLine(FunctionId function, int64_t line, int64_t column, OutputTable& out) {
  constexpr size_t kMostBytes = 3 * kMostFieldBytes;  // so one byte holds the length
  char* const field = out.Open(2 + kMostBytes);
  char* p = field + 2;
  p = WriteField(p, otlp::Line::line, static_cast<uint64_t>(line));
  p = WriteField(p, otlp::Line::function_index, function.value());
  p = WriteField(p, otlp::Line::column, static_cast<uint64_t>(column));
  field[0] = static_cast<char>(wire::OneByteTag(otlp::Location::lines, wire::WireType::kBytes));
  field[1] = static_cast<char>(p - field - 2);
  out.Written(p);
}

// Whether a field that WriteField wrote stands at the start of `row`.
[[nodiscard]] inline bool BeginsWith(std::string_view row, uint32_t field) {
  return row.starts_with(static_cast<char>(wire::OneByteTag(field, wire::WireType::kVarint)));
}

// Its value; `row` loses it. 0 if another stands there.
[[nodiscard]] inline uint64_t TakeField(std::string_view& row, uint32_t field) {
  if (!BeginsWith(row, field)) return 0;
  const char* p = row.data() + 1;
  const char* const end = row.data() + row.size();
  uint64_t value = 0;
  (void)wire::ReadVarint(p, end, value);
  row = {p, end};
  return value;
}

// The field of a location's address as it stands there, or nothing; `row` loses it.
[[nodiscard]] inline std::string_view TakeAddress(std::string_view& row) {
  if (!BeginsWith(row, otlp::Location::address)) return {};
  size_t last = 1;
  while (static_cast<unsigned char>(row[last]) >= 0x80) ++last;
  const std::string_view address = row.substr(0, last + 1);
  row.remove_prefix(last + 1);
  return address;
}

// What WriteLocation wrote, and the lines behind it.
struct WrittenLocation {
  uint64_t address;
  uint32_t mapping;
  std::string_view lines;
};
[[nodiscard]] inline WrittenLocation ReadLocation(std::string_view row) {
  const uint64_t address = TakeField(row, otlp::Location::address);
  const auto mapping = static_cast<uint32_t>(TakeField(row, otlp::Location::mapping_index));
  return {.address = address, .mapping = mapping, .lines = row};
}

// The first line of `lines`, which is not empty; it leaves them.
struct WrittenLine {
  uint64_t line, column;
  uint32_t function;
};
[[nodiscard]] inline WrittenLine TakeLine(std::string_view& lines) {
  const auto size = static_cast<unsigned char>(lines[1]);
  std::string_view line = lines.substr(2, size);
  lines.remove_prefix(2 + size_t{size});
  const uint64_t number = TakeField(line, otlp::Line::line);
  const auto function = static_cast<uint32_t>(TakeField(line, otlp::Line::function_index));
  return {.line = number, .column = TakeField(line, otlp::Line::column), .function = function};
}

inline void WriteLink(std::string_view trace_id, std::string_view span_id, OutputTable& out) {
  char* p = out.Open(2 * kMostFieldBytes + trace_id.size() + span_id.size());
  p = WriteBytes(p, otlp::Link::trace_id, trace_id);
  out.Written(WriteBytes(p, otlp::Link::span_id, span_id));
}

}  // namespace flameway
