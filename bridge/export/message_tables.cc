// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/message_tables.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/otlp/fields.h"

namespace flameway {
namespace {

using Table = MessageTables::Table;

std::optional<Table> TableOf(uint32_t field) {
  switch (field) {
    case otlp::ProfilesDictionary::mapping_table:
      return Table::kMapping;
    case otlp::ProfilesDictionary::location_table:
      return Table::kLocation;
    case otlp::ProfilesDictionary::function_table:
      return Table::kFunction;
    case otlp::ProfilesDictionary::link_table:
      return Table::kLink;
    case otlp::ProfilesDictionary::string_table:
      return Table::kString;
    case otlp::ProfilesDictionary::attribute_table:
      return Table::kAttribute;
    case otlp::ProfilesDictionary::stack_table:
      return Table::kStack;
    default:
      return std::nullopt;
  }
}

}  // namespace

bool MessageTables::Add(std::string_view dictionary) {
  wire::Reader fields(dictionary);
  while (fields.Next()) {
    if (fields.type() != wire::WireType::kBytes) continue;
    if (const auto table = TableOf(fields.field())) {
      rows_[static_cast<size_t>(*table)].push_back(fields.bytes());
    }
  }
  return fields.error() == wire::ReadError::kNone;
}

std::optional<std::string_view> MessageTables::Row(Table table, uint64_t index) {
  const std::vector<std::string_view>& rows = rows_[static_cast<size_t>(table)];
  if (index >= rows.size() || budget_ == 0) return std::nullopt;
  const std::string_view row = rows[static_cast<size_t>(index)];
  budget_ -= std::min(budget_, row.size() + 1);
  return row;
}

}  // namespace flameway
