// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/schema.h"
#include "tests/support/text_store.h"

namespace flameway {

// The rows of one dictionary as canonical texts, references followed: two rows mean the same if and
// only if their texts are equal, in whichever request they stand.
//
// - Index 0 is the null row of its table, whatever the table holds there.
// - Attribute lists are sets; null attributes are not in them. Arrays and kvlists keep their order.
// - Absent links, empty ids and all-zero ids are one thing: no link.
// - Integers, doubles (by bits), strings, bytes and "no value" all differ.
// - An index out of range shows in the text as "!table index"; nothing crashes.
//
// The dictionary and the store outlive it.
class RowTexts {
 public:
  RowTexts(const schema::ProfilesDictionary& dictionary, TextStore& store);

  [[nodiscard]] std::string String(int32_t index) const;
  [[nodiscard]] std::string Function(int32_t index) const { return functions_.Text(index); }
  [[nodiscard]] std::string Mapping(int32_t index) const { return mappings_.Text(index); }
  [[nodiscard]] std::string Location(int32_t index) const { return locations_.Text(index); }
  [[nodiscard]] std::string Stack(int32_t index) const { return stacks_.Text(index); }
  [[nodiscard]] std::string Link(int32_t index) const { return links_.Text(index); }
  // Empty for a null attribute.
  [[nodiscard]] std::string Attribute(int32_t index) const { return attributes_.Text(index); }

  [[nodiscard]] std::string AttributeSet(
      const google::protobuf::RepeatedField<int32_t>& indices) const;
  [[nodiscard]] std::string Type(const schema::ValueType& type) const;
  [[nodiscard]] std::string Value(const schema::AnyValue& value) const;
  [[nodiscard]] std::string Key(const schema::KeyValue& attribute) const;
  [[nodiscard]] std::string AttributeSet(
      const google::protobuf::RepeatedPtrField<schema::KeyValue>& attributes) const;

 private:
  // One text per row, in table order: a reference into the store, or for links the text itself.
  struct Table {
    [[nodiscard]] std::string Text(int32_t index) const;

    std::string_view name;
    std::string null_row;
    std::vector<std::string> rows;
  };

  std::string Put(const std::string& text);
  std::string AttributeText(const schema::KeyValueAndUnit& row);
  [[nodiscard]] std::string FunctionText(const schema::Function& row) const;
  [[nodiscard]] std::string MappingText(const schema::Mapping& row) const;
  [[nodiscard]] std::string LocationText(const schema::Location& row) const;
  [[nodiscard]] std::string StackText(const schema::Stack& row) const;
  [[nodiscard]] std::string Pair(const schema::KeyValue& attribute) const;

  const schema::ProfilesDictionary& dictionary_;
  TextStore& store_;
  Table attributes_{"attribute", {}, {}};
  Table functions_{"function", {}, {}};
  Table links_{"link", {}, {}};
  Table mappings_{"mapping", {}, {}};
  Table locations_{"location", {}, {}};
  Table stacks_{"stack", {}, {}};
};

// True for every form of "no link".
[[nodiscard]] bool IsNullLink(const schema::Link& link);
}  // namespace flameway
