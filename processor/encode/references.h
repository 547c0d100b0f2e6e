// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "processor/batch/content.h"
#include "processor/encode/row_numbering.h"

namespace flameway {

// Rewrites resources and scopes so that the strings of their attributes, keys and values at any
// depth, refer to the string table (OTLP 1.10). Strings the table has not yet follow at its end, as
// the Collector does it. Attribute table values stay inline. Cost: one map over the string table;
// only destinations that ask for references pay it.
class ReferenceWriter {
 public:
  // `strings`: the numbers of the string table's rows in the message.
  ReferenceWriter(const BatchContent& content, const RowNumbering& strings);

  // `message` is a canonical Resource or InstrumentationScope; `attributes` is the number of its
  // attribute field.
  [[nodiscard]] std::string Rewrite(std::string_view message, uint32_t attributes);
  // Rows to append to the string table after all rewriting.
  [[nodiscard]] std::string_view added_rows() const { return added_rows_; }

 private:
  uint32_t Number(std::string_view text);
  void AppendKeyValue(std::string_view key_value, std::string& out);
  void AppendAnyValue(std::string_view value, std::string& out);

  std::unordered_map<std::string_view, uint32_t> numbers_;  // views into the content
  uint32_t next_;
  std::string added_rows_;
};

}  // namespace flameway
