// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/rows.h"

#include <algorithm>
#include <utility>

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::Reader;
using wire::Writer;

// What is parsed here was checked when it came in, so damage cannot be.
Attribute ParseKeyValue(std::string_view key_value) {
  Attribute attribute;
  for (Reader fields(key_value); fields.Next();) {
    if (fields.field() == otlp::KeyValue::key) attribute.key = fields.bytes();
    if (fields.field() == otlp::KeyValue::value) attribute.value = fields.bytes();
  }
  return attribute;
}

void AppendAttributes(uint32_t field, const AttributeList& attributes, std::string& out) {
  std::string key_value;
  for (const Attribute& attribute : attributes) {
    key_value.clear();
    Writer writer(&key_value);
    writer.BytesField(otlp::KeyValue::key, attribute.key);
    writer.BytesField(otlp::KeyValue::value, attribute.value);
    Writer(&out).BytesField(field, key_value);
  }
}

// An entity reference without the describing keys that are gone; nothing when an identifying one
// is.
std::optional<std::string> KeepEntity(std::string_view entity, const AttributeList& attributes) {
  std::string kept;
  for (Reader fields(entity); fields.Next();) {
    const bool identifies = fields.field() == otlp::EntityRef::id_keys;
    const bool describes = fields.field() == otlp::EntityRef::description_keys;
    if ((identifies || describes) && FindAttribute(attributes, fields.bytes()) == nullptr) {
      if (identifies) return std::nullopt;
      continue;
    }
    Writer(&kept).BytesField(fields.field(), fields.bytes());
  }
  return kept;
}

}  // namespace

const Attribute* FindAttribute(const AttributeList& attributes, std::string_view key) {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [key](const Attribute& other) { return other.key == key; });
  return found == attributes.end() ? nullptr : &*found;
}

Attribute* FindAttribute(AttributeList& attributes, std::string_view key) {
  return const_cast<Attribute*>(FindAttribute(std::as_const(attributes), key));
}

std::optional<std::string_view> StringOf(std::string_view value) {
  Reader fields(value);
  if (!fields.Next() || fields.field() != otlp::AnyValue::string_value) return std::nullopt;
  return fields.bytes();
}

std::string StringValue(std::string_view text) {
  std::string value;
  Writer(&value).BytesField(otlp::AnyValue::string_value, text);
  return value;
}

ResourceRow ParseResource(std::string_view canonical, std::string_view schema_url) {
  ResourceRow row{.schema_url = std::string(schema_url)};
  for (Reader fields(canonical); fields.Next();) {
    switch (fields.field()) {
      case otlp::Resource::attributes:
        row.attributes.push_back(ParseKeyValue(fields.bytes()));
        break;
      case otlp::Resource::dropped_attributes_count:
        row.dropped_attributes_count = static_cast<uint32_t>(fields.value());
        break;
      case otlp::Resource::entity_refs:
        Writer(&row.entity_refs).BytesField(otlp::Resource::entity_refs, fields.bytes());
        break;
      default:
        break;
    }
  }
  return row;
}

ScopeRow ParseScope(std::string_view canonical, std::string_view schema_url) {
  ScopeRow row{.schema_url = std::string(schema_url)};
  for (Reader fields(canonical); fields.Next();) {
    switch (fields.field()) {
      case otlp::InstrumentationScope::name:
        row.name = fields.bytes();
        break;
      case otlp::InstrumentationScope::version:
        row.version = fields.bytes();
        break;
      case otlp::InstrumentationScope::attributes:
        row.attributes.push_back(ParseKeyValue(fields.bytes()));
        break;
      case otlp::InstrumentationScope::dropped_attributes_count:
        row.dropped_attributes_count = static_cast<uint32_t>(fields.value());
        break;
      default:
        break;
    }
  }
  return row;
}

std::string EncodeResource(const ResourceRow& row) {
  std::string out;
  AppendAttributes(otlp::Resource::attributes, row.attributes, out);
  Writer(&out).VarintFieldUnlessZero(otlp::Resource::dropped_attributes_count,
                                     row.dropped_attributes_count);
  for (Reader entities(row.entity_refs); entities.Next();) {
    if (const auto kept = KeepEntity(entities.bytes(), row.attributes)) {
      Writer(&out).BytesField(otlp::Resource::entity_refs, *kept);
    }
  }
  return out;
}

std::string EncodeScope(const ScopeRow& row) {
  std::string out;
  Writer writer(&out);
  if (!row.name.empty()) writer.BytesField(otlp::InstrumentationScope::name, row.name);
  if (!row.version.empty()) writer.BytesField(otlp::InstrumentationScope::version, row.version);
  AppendAttributes(otlp::InstrumentationScope::attributes, row.attributes, out);
  writer.VarintFieldUnlessZero(otlp::InstrumentationScope::dropped_attributes_count,
                               row.dropped_attributes_count);
  return out;
}

}  // namespace flameway
