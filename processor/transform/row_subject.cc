// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/row_subject.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "processor/transform/values.h"

namespace flameway {
namespace {

using ottl::Arena;
using ottl::Entry;
using ottl::PathId;
using ottl::Value;

template <typename Row>
const Row* Visible(const Row* around, const Row* own) {
  return own != nullptr ? own : around;
}

std::string_view HexOf(std::string_view bytes, Arena& arena) {
  constexpr char kDigits[] = "0123456789abcdef";
  const std::span<char> hex = arena.NewText(2 * bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex[2 * i] = kDigits[byte >> 4];
    hex[2 * i + 1] = kDigits[byte & 15];
  }
  return {hex.data(), hex.size()};
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::Status NotHere(PathId path) {
  return absl::FailedPreconditionError(std::string(ottl::TraitsOf(path).text) +
                                       " cannot be set from here");
}

}  // namespace

const AttributeList* RowSubject::MapOf(PathId path) const {
  const ResourceRow* const resource = Visible<ResourceRow>(rows_.resource, rows_.own_resource);
  const ScopeRow* const scope = Visible<ScopeRow>(rows_.scope, rows_.own_scope);
  const ProfileRow* const profile = Visible<ProfileRow>(rows_.profile, rows_.own_profile);
  switch (path) {
    case PathId::kResourceAttributes:
      return resource == nullptr ? nullptr : &resource->attributes;
    case PathId::kScopeAttributes:
      return scope == nullptr ? nullptr : &scope->attributes;
    case PathId::kProfileAttributes:
      return profile == nullptr ? nullptr : &profile->attributes;
    case PathId::kSampleAttributes:
      return rows_.own_sample == nullptr ? nullptr : &rows_.own_sample->attributes;
    case PathId::kResourceCache:
      return &caches_[0];
    case PathId::kScopeCache:
      return &caches_[1];
    case PathId::kProfileCache:
      return &caches_[2];
    case PathId::kSampleCache:
      return &caches_[3];
    default:
      return nullptr;
  }
}

AttributeList* RowSubject::OwnMapOf(PathId path) {
  switch (path) {
    case PathId::kResourceAttributes:
      return rows_.own_resource == nullptr ? nullptr : &rows_.own_resource->attributes;
    case PathId::kScopeAttributes:
      return rows_.own_scope == nullptr ? nullptr : &rows_.own_scope->attributes;
    case PathId::kProfileAttributes:
      return rows_.own_profile == nullptr ? nullptr : &rows_.own_profile->attributes;
    default:
      return const_cast<AttributeList*>(MapOf(path));  // a sample's, or a cache: always own
  }
}

const std::string* RowSubject::TextOf(PathId path) const {
  const ResourceRow* const resource = Visible<ResourceRow>(rows_.resource, rows_.own_resource);
  const ScopeRow* const scope = Visible<ScopeRow>(rows_.scope, rows_.own_scope);
  const ProfileRow* const profile = Visible<ProfileRow>(rows_.profile, rows_.own_profile);
  switch (path) {
    case PathId::kResourceSchemaUrl:
      return resource == nullptr ? nullptr : &resource->schema_url;
    case PathId::kScopeName:
      return scope == nullptr ? nullptr : &scope->name;
    case PathId::kScopeVersion:
      return scope == nullptr ? nullptr : &scope->version;
    case PathId::kScopeSchemaUrl:
      return scope == nullptr ? nullptr : &scope->schema_url;
    case PathId::kProfileSampleTypeType:
      return profile == nullptr ? nullptr : &profile->type;
    case PathId::kProfileSampleTypeUnit:
      return profile == nullptr ? nullptr : &profile->type_unit;
    case PathId::kProfilePeriodTypeType:
      return profile == nullptr ? nullptr : &profile->period_type;
    case PathId::kProfilePeriodTypeUnit:
      return profile == nullptr ? nullptr : &profile->period_unit;
    case PathId::kProfileOriginalPayloadFormat:
      return profile == nullptr ? nullptr : &profile->payload_format;
    case PathId::kProfileOriginalPayload:
      return profile == nullptr ? nullptr : &profile->payload;
    case PathId::kFrameFunctionName:
      return rows_.own_function == nullptr ? nullptr : &rows_.own_function->name;
    case PathId::kFrameFunctionSystemName:
      return rows_.own_function == nullptr ? nullptr : &rows_.own_function->system_name;
    case PathId::kFrameFunctionFilename:
      return rows_.own_function == nullptr ? nullptr : &rows_.own_function->filename;
    case PathId::kFrameMappingFilename:
      return rows_.own_mapping == nullptr ? nullptr : &rows_.own_mapping->filename;
    default:
      return nullptr;
  }
}

std::string* RowSubject::OwnTextOf(PathId path) {
  const ottl::Context context = ottl::TraitsOf(path).context;
  const bool own = (context == ottl::Context::kResource && rows_.own_resource != nullptr) ||
                   (context == ottl::Context::kScope && rows_.own_scope != nullptr) ||
                   (context == ottl::Context::kProfile && rows_.own_profile != nullptr) ||
                   context == ottl::Context::kFrame;
  return own ? const_cast<std::string*>(TextOf(path)) : nullptr;
}

Value RowSubject::Get(PathId path, Arena& arena) const {
  if (ottl::TraitsOf(path).type == ottl::PathType::kMap) {
    const AttributeList* const map = MapOf(path);
    if (map == nullptr) return Value::Map({});
    const std::span<Entry> entries = arena.NewMap(map->size());
    for (size_t i = 0; i < map->size(); ++i) {
      entries[i] = {.key = (*map)[i].key, .value = ReadValue((*map)[i].value, arena)};
    }
    return Value::Map(entries);
  }
  const ResourceRow* const resource = Visible<ResourceRow>(rows_.resource, rows_.own_resource);
  const ScopeRow* const scope = Visible<ScopeRow>(rows_.scope, rows_.own_scope);
  const ProfileRow* const profile = Visible<ProfileRow>(rows_.profile, rows_.own_profile);
  switch (path) {
    case PathId::kResourceDroppedAttributesCount:
      return Value::Int(resource == nullptr ? 0 : resource->dropped_attributes_count);
    case PathId::kScopeDroppedAttributesCount:
      return Value::Int(scope == nullptr ? 0 : scope->dropped_attributes_count);
    case PathId::kProfileDroppedAttributesCount:
      return Value::Int(profile == nullptr ? 0 : profile->dropped_attributes_count);
    case PathId::kProfileTime:
      return Value::Int(profile == nullptr ? 0 : static_cast<int64_t>(profile->time_unix_nano));
    case PathId::kProfileDuration:
      return Value::Int(profile == nullptr ? 0 : static_cast<int64_t>(profile->duration_nano));
    case PathId::kProfilePeriod:
      return Value::Int(profile == nullptr ? 0 : profile->period);
    case PathId::kProfileId: {
      // No id reads as the zero one, as in the Collector.
      const bool none = profile == nullptr || profile->profile_id.empty();
      return Value::String(HexOf(none ? std::string(16, '\0') : profile->profile_id, arena));
    }
    case PathId::kFrameType:
      return Value::String(rows_.frame_type);
    case PathId::kFrameLine:
      return Value::Int(rows_.line);
    default:
      break;
  }
  const std::string* const text = TextOf(path);
  const std::string_view view = text == nullptr ? std::string_view() : *text;
  return ottl::TraitsOf(path).type == ottl::PathType::kBytes ? Value::Bytes(view)
                                                             : Value::String(view);
}

absl::Status RowSubject::Set(PathId path, const Value& value) {
  const ottl::PathType type = ottl::TraitsOf(path).type;
  if (type == ottl::PathType::kMap) {
    AttributeList* const map = OwnMapOf(path);
    if (map == nullptr) return NotHere(path);
    const std::span<const Entry> entries = value.map();
    const RowVerdict verdict = WriteAttributes({entries.begin(), entries.end()}, *map);
    changed_ |= verdict == RowVerdict::kChanged && !IsCache(*map);
    return absl::OkStatus();
  }
  if (type == ottl::PathType::kProfileId) return SetProfileId(value.text());
  if (value.kind() == ottl::Kind::kInt) return SetNumber(path, value.as_int());
  std::string* const text = OwnTextOf(path);
  if (text == nullptr) return NotHere(path);
  std::string copy(value.text());
  changed_ |= copy != *text;
  *text = std::move(copy);
  return absl::OkStatus();
}

absl::Status RowSubject::SetNumber(PathId path, int64_t value) {
  const auto assign = [this](auto& field, auto number) {
    changed_ |= field != number;
    field = number;
    return absl::OkStatus();
  };
  const auto count = static_cast<uint32_t>(value);
  switch (path) {
    case PathId::kResourceDroppedAttributesCount:
      if (rows_.own_resource == nullptr) return NotHere(path);
      return assign(rows_.own_resource->dropped_attributes_count, count);
    case PathId::kScopeDroppedAttributesCount:
      if (rows_.own_scope == nullptr) return NotHere(path);
      return assign(rows_.own_scope->dropped_attributes_count, count);
    default:
      break;
  }
  if (rows_.own_profile == nullptr) return NotHere(path);
  ProfileRow& profile = *rows_.own_profile;
  switch (path) {
    case PathId::kProfileDroppedAttributesCount:
      return assign(profile.dropped_attributes_count, count);
    case PathId::kProfileTime:
      return assign(profile.time_unix_nano, static_cast<uint64_t>(value));
    case PathId::kProfileDuration:
      return assign(profile.duration_nano, static_cast<uint64_t>(value));
    case PathId::kProfilePeriod:
      return assign(profile.period, value);
    default:
      return NotHere(path);
  }
}

absl::Status RowSubject::SetProfileId(std::string_view hex) {
  if (rows_.own_profile == nullptr) return NotHere(PathId::kProfileId);
  std::string id;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = DigitOf(hex[i]);
    const int low = DigitOf(hex[i + 1]);
    if (high < 0 || low < 0) return absl::InvalidArgumentError("a profile id is 32 hex digits");
    id.push_back(static_cast<char>(high << 4 | low));
  }
  changed_ |= id != rows_.own_profile->profile_id;
  rows_.own_profile->profile_id = std::move(id);
  return absl::OkStatus();
}

std::optional<Value> RowSubject::GetKey(PathId path, std::string_view key, Arena& arena) const {
  const AttributeList* const map = MapOf(path);
  if (map == nullptr) return std::nullopt;
  const Attribute* const attribute = FindAttribute(*map, key);
  if (attribute == nullptr) return std::nullopt;
  return ReadValue(attribute->value, arena);
}

absl::Status RowSubject::SetKey(PathId path, std::string_view key, const Value& value) {
  AttributeList* const map = OwnMapOf(path);
  if (map == nullptr) return NotHere(path);
  std::string written = WriteValue(value);
  if (Attribute* const attribute = FindAttribute(*map, key)) {
    changed_ |= attribute->value != written && !IsCache(*map);
    attribute->value = std::move(written);
  } else {
    changed_ |= !IsCache(*map);
    map->push_back({.key = std::string(key), .value = std::move(written)});
  }
  return absl::OkStatus();
}

}  // namespace flameway
