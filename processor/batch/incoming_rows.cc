// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/incoming_rows.h"

#include <algorithm>
#include <string>

#include "processor/request/row_prints.h"

namespace flameway {
namespace {

std::string Text(const RequestColumns& columns, WireIndex index) {
  return std::string(columns.strings.rows[index.value]);
}

}  // namespace

AttributeList AttributesOf(const RequestColumns& columns, ListSpan list) {
  AttributeList attributes;
  attributes.reserve(list.count);
  for (uint32_t i = 0; i < list.count; ++i) {
    const uint32_t index = columns.attribute_indices[list.begin + i];
    const IncomingAttribute& row = columns.attributes.rows[index];
    attributes.push_back({.key = Text(columns, row.key),
                          .value = std::string(row.value),
                          .unit = Text(columns, row.unit)});
  }
  return attributes;
}

FunctionRow RowOf(const RequestColumns& columns, const IncomingFunction& function) {
  return {.name = Text(columns, function.name),
          .system_name = Text(columns, function.system_name),
          .filename = Text(columns, function.filename),
          .start_line = function.start_line};
}

MappingRow RowOf(const RequestColumns& columns, const IncomingMapping& mapping) {
  return {.memory_start = mapping.memory_start,
          .memory_limit = mapping.memory_limit,
          .file_offset = mapping.file_offset,
          .filename = Text(columns, mapping.filename),
          .attributes = AttributesOf(columns, mapping.attributes)};
}

LocationRow RowOf(const RequestColumns& columns, const IncomingLocation& location) {
  LocationRow row{.address = location.address,
                  .attributes = AttributesOf(columns, location.attributes)};
  row.lines.reserve(location.lines.count);
  for (uint32_t i = 0; i < location.lines.count; ++i) {
    const IncomingLine& line = columns.lines[location.lines.begin + i];
    row.lines.push_back({.function = RowOf(columns, columns.functions.rows[line.function.value]),
                         .line = line.line,
                         .column = line.column});
  }
  const IncomingMapping& mapping = columns.mappings.rows[location.mapping.value];
  if (!mapping.IsZero()) row.mapping = RowOf(columns, mapping);
  return row;
}

Fingerprint PrintOf(const Attribute& attribute, const Fingerprinter& of) {
  return AttributePrint(of, of.Bytes(attribute.key), of.Bytes(attribute.unit),
                        of.Bytes(attribute.value));
}

bool IsNull(const Attribute& attribute) {
  return attribute.key.empty() && attribute.value.empty() && attribute.unit.empty();
}

Fingerprint PrintOf(const AttributeList& attributes, const Fingerprinter& of) {
  Fingerprint set;
  for (const Attribute& attribute : attributes) {
    if (!IsNull(attribute)) set += PrintOf(attribute, of);
  }
  return set;
}

Fingerprint PrintOf(const FunctionRow& row, const Fingerprinter& of) {
  const Fingerprint system_name = of.Bytes(row.system_name);
  return FunctionPrint(of, of.Bytes(row.name), of.Bytes(row.filename),
                       row.system_name.empty() ? nullptr : &system_name, of.Bytes({}),
                       row.start_line);
}

Fingerprint PrintOf(const MappingRow& row, const Fingerprinter& of) {
  const auto count = static_cast<uint32_t>(
      std::count_if(row.attributes.begin(), row.attributes.end(),
                    [](const Attribute& attribute) { return !IsNull(attribute); }));
  return MappingPrint(of, row.memory_start, row.memory_limit, row.file_offset,
                      of.Bytes(row.filename), PrintOf(row.attributes, of), count);
}

Fingerprint PrintOf(const LocationRow& row, const Fingerprinter& of) {
  struct Line {
    Fingerprint function;
    int64_t line, column;
  };
  return LocationPrint(of, PrintOf(row.mapping.value_or(MappingRow()), of), row.address,
                       PrintOf(row.attributes, of), static_cast<uint32_t>(row.lines.size()),
                       [&](uint32_t i) {
                         const LineRow& line = row.lines[i];
                         return Line{PrintOf(line.function, of), line.line, line.column};
                       });
}

}  // namespace flameway
