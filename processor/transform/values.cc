// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/values.h"

#include <bit>
#include <cstdint>
#include <utility>

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using ottl::Arena;
using ottl::Entry;
using ottl::Kind;
using ottl::Value;
using wire::Reader;
using wire::Writer;

size_t CountFields(std::string_view message) {
  size_t count = 0;
  for (Reader fields(message); fields.Next();) ++count;
  return count;
}

// Nested as deep as the decoder allows, 32 levels.
Value ReadList(std::string_view list, Arena& arena) {
  const std::span<Value> elements = arena.NewList(CountFields(list));
  size_t i = 0;
  for (Reader fields(list); fields.Next();) elements[i++] = ReadValue(fields.bytes(), arena);
  return Value::List(elements);
}

Value ReadMap(std::string_view map, Arena& arena) {
  const std::span<Entry> entries = arena.NewMap(CountFields(map));
  size_t i = 0;
  for (Reader fields(map); fields.Next(); ++i) {
    for (Reader key_value(fields.bytes()); key_value.Next();) {
      if (key_value.field() == otlp::KeyValue::key) entries[i].key = key_value.bytes();
      if (key_value.field() == otlp::KeyValue::value)
        entries[i].value = ReadValue(key_value.bytes(), arena);
    }
  }
  return Value::Map(entries);
}

}  // namespace

Value ReadValue(std::string_view canonical, Arena& arena) {
  Reader member(canonical);
  if (!member.Next()) return {};
  switch (member.field()) {
    case otlp::AnyValue::string_value:
      return Value::String(member.bytes());
    case otlp::AnyValue::bool_value:
      return Value::Bool(member.value() != 0);
    case otlp::AnyValue::int_value:
      return Value::Int(static_cast<int64_t>(member.value()));
    case otlp::AnyValue::double_value:
      return Value::Double(std::bit_cast<double>(member.value()));
    case otlp::AnyValue::bytes_value:
      return Value::Bytes(member.bytes());
    case otlp::AnyValue::array_value:
      return ReadList(member.bytes(), arena);
    case otlp::AnyValue::kvlist_value:
      return ReadMap(member.bytes(), arena);
    default:
      return {};
  }
}

std::string WriteValue(const Value& value) {
  std::string out;
  Writer writer(&out);
  switch (value.kind()) {
    case Kind::kNil:
      break;
    case Kind::kBool:
      writer.VarintField(otlp::AnyValue::bool_value, value.as_bool() ? 1 : 0);
      break;
    case Kind::kInt:
      writer.VarintField(otlp::AnyValue::int_value, static_cast<uint64_t>(value.as_int()));
      break;
    case Kind::kDouble:
      writer.Fixed64Field(otlp::AnyValue::double_value, std::bit_cast<uint64_t>(value.as_double()));
      break;
    case Kind::kString:
      writer.BytesField(otlp::AnyValue::string_value, value.text());
      break;
    case Kind::kBytes:
      writer.BytesField(otlp::AnyValue::bytes_value, value.text());
      break;
    case Kind::kList: {
      std::string list;
      for (const Value& element : value.list()) {
        Writer(&list).BytesField(otlp::ArrayValue::values, WriteValue(element));
      }
      writer.BytesField(otlp::AnyValue::array_value, list);
      break;
    }
    case Kind::kMap: {
      std::string map;
      for (const Entry& entry : value.map()) {
        std::string key_value;
        Writer(&key_value).BytesField(otlp::KeyValue::key, entry.key);
        Writer(&key_value).BytesField(otlp::KeyValue::value, WriteValue(entry.value));
        Writer(&map).BytesField(otlp::KeyValueList::values, key_value);
      }
      writer.BytesField(otlp::AnyValue::kvlist_value, map);
      break;
    }
  }
  return out;
}

std::vector<Entry> ReadAttributes(const AttributeList& attributes, Arena& arena) {
  std::vector<Entry> entries;
  entries.reserve(attributes.size());
  for (const Attribute& attribute : attributes) {
    entries.push_back({.key = attribute.key, .value = ReadValue(attribute.value, arena)});
  }
  return entries;
}

RowVerdict WriteAttributes(const std::vector<Entry>& entries, AttributeList& attributes) {
  AttributeList written;
  written.reserve(entries.size());
  for (const Entry& entry : entries) {
    if (entry.key.empty() || FindAttribute(written, entry.key) != nullptr) continue;
    const Attribute* const before = FindAttribute(std::as_const(attributes), entry.key);
    written.push_back({.key = std::string(entry.key),
                       .value = WriteValue(entry.value),
                       .unit = before == nullptr ? std::string() : before->unit});
  }
  if (written == attributes) return RowVerdict::kKeep;
  attributes = std::move(written);
  return RowVerdict::kChanged;
}

}  // namespace flameway
