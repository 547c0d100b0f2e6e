// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proto/wire/reader.h"
#include "proto/wire/varint.h"

namespace flameway {

// The tables of a request's dictionary, rows undecoded, for printing. Views into the message, which
// outlives this. One thread.
class MessageTables {
 public:
  enum class Table : uint8_t {
    kMapping,
    kLocation,
    kFunction,
    kLink,
    kString,
    kAttribute,
    kStack,
    kCount,
  };

  // Adds the rows of one dictionary; a message may hold several pieces of it. False when it is
  // damaged: the rows before the damage are there.
  [[nodiscard]] bool Add(std::string_view dictionary);

  // nullopt for an index out of range, and for every index once what was looked up exceeds the work
  // a printer may cause (256 MiB of rows).
  [[nodiscard]] std::optional<std::string_view> Row(Table table, uint64_t index);
  [[nodiscard]] bool exhausted() const { return budget_ == 0; }

  [[nodiscard]] size_t size(Table table) const { return rows_[static_cast<size_t>(table)].size(); }

 private:
  std::array<std::vector<std::string_view>, static_cast<size_t>(Table::kCount)> rows_;
  size_t budget_ = size_t{256} << 20U;
};

// Calls visit(uint64_t) for each number of a repeated varint field, packed or not, until it returns
// false. False when the packed list is damaged.
template <typename Visit>
bool EachVarint(const wire::Reader& field, Visit visit) {
  if (field.type() == wire::WireType::kVarint) {
    visit(field.value());
    return true;
  }
  if (field.type() != wire::WireType::kBytes) return true;
  const char* at = field.bytes().data();
  const char* const end = at + field.bytes().size();
  while (at < end) {
    uint64_t value = 0;
    if (wire::ReadVarint(at, end, value) != wire::VarintStatus::kOk) return false;
    if (!visit(value)) return true;
  }
  return true;
}

// The same for fixed64.
template <typename Visit>
bool EachFixed64(const wire::Reader& field, Visit visit) {
  if (field.type() == wire::WireType::kFixed64) {
    visit(field.value());
    return true;
  }
  if (field.type() != wire::WireType::kBytes) return true;
  const std::string_view list = field.bytes();
  for (size_t at = 0; at + 8 <= list.size(); at += 8) {
    if (!visit(wire::LoadFixed64(list.data() + at))) return true;
  }
  return list.size() % 8 == 0;
}

}  // namespace flameway
