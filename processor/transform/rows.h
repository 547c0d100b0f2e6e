// SPDX-License-Identifier: Apache-2.0
// The rows of a batch as transforms see and change them: texts and values, never row numbers. One
// copy of a row for each distinct value that comes in, so they may own what they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flameway {

// An attribute of any owner. `value` is a canonical AnyValue (processor/request/any_value.h);
// empty: unset. Resources and scopes have no units.
struct Attribute {
  std::string key;
  std::string value;
  std::string unit;
  bool operator==(const Attribute&) const = default;
};
// In the order they came. Keys are unique; a transform keeps them so.
using AttributeList = std::vector<Attribute>;

// The first attribute with this key, or null.
[[nodiscard]] const Attribute* FindAttribute(const AttributeList& attributes, std::string_view key);
[[nodiscard]] Attribute* FindAttribute(AttributeList& attributes, std::string_view key);
// The text of a canonical AnyValue that is a string; nothing for any other.
[[nodiscard]] std::optional<std::string_view> StringOf(std::string_view value);
[[nodiscard]] std::string StringValue(std::string_view text);

struct ResourceRow {
  AttributeList attributes;
  uint32_t dropped_attributes_count = 0;
  std::string schema_url;
  std::string entity_refs;  // encoded fields, as they came
};

struct ScopeRow {
  std::string name;
  std::string version;
  AttributeList attributes;
  uint32_t dropped_attributes_count = 0;
  std::string schema_url;
};

struct ProfileRow {
  std::string type, type_unit, period_type, period_unit;
  int64_t period = 0;
  uint64_t time_unix_nano = 0;
  uint64_t duration_nano = 0;
  std::string profile_id;  // 16 bytes or none
  uint32_t dropped_attributes_count = 0;
  std::string payload_format;
  std::string payload;
  AttributeList attributes;
};

// What a sample is but for its stack and what it measured.
struct SampleRow {
  AttributeList attributes;
};

struct FunctionRow {
  std::string name, system_name, filename;
  int64_t start_line = 0;
  bool operator==(const FunctionRow&) const = default;
};

struct MappingRow {
  uint64_t memory_start = 0, memory_limit = 0, file_offset = 0;
  std::string filename;
  AttributeList attributes;
  bool operator==(const MappingRow&) const = default;
};

struct LineRow {
  FunctionRow function;
  int64_t line = 0, column = 0;
  bool operator==(const LineRow&) const = default;
};

// A location with all it refers to. A frame of a stack is a location; its lines are what was
// inlined there, innermost first.
struct LocationRow {
  uint64_t address = 0;
  std::vector<LineRow> lines;
  AttributeList attributes;           // profile.frame.type among them
  std::optional<MappingRow> mapping;  // this location's own copy; none: unknown
  bool operator==(const LocationRow&) const = default;
};

// From and to the canonical messages of processor/request/origins.h. Writing leaves out the entity
// references whose identifying keys are gone, and the describing keys that are.
[[nodiscard]] ResourceRow ParseResource(std::string_view canonical, std::string_view schema_url);
[[nodiscard]] ScopeRow ParseScope(std::string_view canonical, std::string_view schema_url);
[[nodiscard]] std::string EncodeResource(const ResourceRow& row);
[[nodiscard]] std::string EncodeScope(const ScopeRow& row);

}  // namespace flameway
