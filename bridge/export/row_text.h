// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/export/message_tables.h"
#include "proto/wire/reader.h"

namespace flameway {

// Text of any bytes: control characters escaped, the rest of a long one left out.
[[nodiscard]] std::string EscapedText(std::string_view text);
[[nodiscard]] std::string HexText(std::string_view bytes);

// Rows of a dictionary as text, references followed; a reference that leads nowhere is named as
// such. Each result stops growing at kMostText. `tables` outlives this.
class RowText {
 public:
  static constexpr size_t kMostText = size_t{16} << 20U;

  explicit RowText(MessageTables* tables) : tables_(tables) {}

  // "function file:line" of a Line message.
  [[nodiscard]] std::string LineText(std::string_view line);
  [[nodiscard]] std::string MappingText(uint64_t index);
  [[nodiscard]] std::string LinkText(uint64_t index);
  // "type/unit" of a ValueType message.
  [[nodiscard]] std::string ValueType(std::string_view value_type);
  // " key=value" for each index in a repeated field of rows of the attribute table.
  [[nodiscard]] std::string Attributes(const wire::Reader& field);
  // "key=value" of a KeyValue message.
  [[nodiscard]] std::string KeyValue(std::string_view key_value) {
    return NestedKeyValue(key_value, 0);
  }

 private:
  std::string String(uint64_t index);
  std::string Attribute(uint64_t index);
  std::string NestedKeyValue(std::string_view key_value, int nesting);
  std::string Value(std::string_view any_value, int nesting);
  std::string ValueList(std::string_view list, int nesting, std::string_view brackets);

  MessageTables* const tables_;
};

}  // namespace flameway
