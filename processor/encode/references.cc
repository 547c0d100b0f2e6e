// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/references.h"

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"

namespace flameway {

// What is rewritten here was written by the decoder's canonical form: well formed, shortest
// varints, lists at most as deep as its limit, which bounds the recursion.

ReferenceWriter::ReferenceWriter(const BatchContent& content, const RowNumbering& strings)
    : next_(content.rows.strings.size()) {
  numbers_.reserve(next_);
  for (uint32_t row = 0; row < next_; ++row)
    numbers_.emplace(content.rows.strings.content(row), strings.NumberOf(row));
}

uint32_t ReferenceWriter::Number(std::string_view text) {
  const auto [entry, added] = numbers_.emplace(text, next_);
  if (added) {
    ++next_;
    wire::Writer(&added_rows_).BytesField(otlp::ProfilesDictionary::string_table, text);
  }
  return entry->second;
}

std::string ReferenceWriter::Rewrite(std::string_view message, uint32_t attributes) {
  std::string out;
  const char* start = message.data();
  for (wire::Reader fields(message); fields.Next(); start = fields.position()) {
    if (fields.field() == attributes) {
      std::string key_value;
      AppendKeyValue(fields.bytes(), key_value);
      wire::Writer(&out).BytesField(attributes, key_value);
    } else {
      out.append(start, fields.position());
    }
  }
  return out;
}

void ReferenceWriter::AppendKeyValue(std::string_view key_value, std::string& out) {
  std::string value;
  uint32_t key = 0;
  for (wire::Reader fields(key_value); fields.Next();) {
    if (fields.field() == otlp::KeyValue::key) key = Number(fields.bytes());
    if (fields.field() == otlp::KeyValue::value) AppendAnyValue(fields.bytes(), value);
  }
  wire::Writer writer(&out);
  writer.BytesField(otlp::KeyValue::value, value);
  writer.VarintFieldUnlessZero(otlp::KeyValue::key_strindex, key);
}

void ReferenceWriter::AppendAnyValue(std::string_view value, std::string& out) {
  wire::Reader member(value);
  if (!member.Next()) return;
  wire::Writer writer(&out);
  switch (member.field()) {
    case otlp::AnyValue::string_value:
      // Written even when 0: the member's presence says "a string".
      writer.VarintField(otlp::AnyValue::string_value_strindex, Number(member.bytes()));
      return;
    case otlp::AnyValue::array_value:
    case otlp::AnyValue::kvlist_value: {
      static_assert(otlp::ArrayValue::values == otlp::KeyValueList::values);
      std::string list;
      for (wire::Reader elements(member.bytes()); elements.Next();) {
        std::string element;
        if (member.field() == otlp::AnyValue::array_value) {
          AppendAnyValue(elements.bytes(), element);
        } else {
          AppendKeyValue(elements.bytes(), element);
        }
        wire::Writer(&list).BytesField(otlp::ArrayValue::values, element);
      }
      writer.BytesField(member.field(), list);
      return;
    }
    default:
      out.append(value);
  }
}

}  // namespace flameway
