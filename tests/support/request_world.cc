// SPDX-License-Identifier: Apache-2.0
#include "tests/support/request_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace flameway {
namespace {

// Few enough that lists often want the same key with different values.
constexpr std::array<std::string_view, 9> kKeys = {"thread.name",
                                                   "process.pid",
                                                   "profile.frame.type",
                                                   "process.executable.build_id.gnu",
                                                   "cpu",
                                                   "container.id",
                                                   "x",
                                                   "\u03c0\u00e4",
                                                   "service.name"};
constexpr std::array<std::string_view, 5> kNamePrefixes = {
    "main.run", "_ZN4core3fmt", "std::vector<int>::push_back", "\u540d\u524d", "a b\"c\\\n"};
constexpr int kMaxValueDepth = 3;

std::string_view DrawKey(Dice& dice) { return kKeys[dice.Below(kKeys.size())]; }

void DrawValue(Dice& dice, int depth, schema::AnyValue* value) {
  // Nested values only above the last level.
  switch (dice.Below(depth < kMaxValueDepth ? 12 : 10)) {
    case 0:
      break;  // no member set: a legal value
    case 1:
      value->set_string_value("");
      break;
    case 2:
      value->set_bool_value(dice.Chance(0.5));
      break;
    case 3:
      value->set_int_value(dice.Chance(0.8) ? dice.Between(0, 2)
                                            : std::numeric_limits<int64_t>::min());
      break;
    case 4: {
      constexpr std::array<double, 5> kDoubles = {0.0, -0.0, 1.0,
                                                  std::numeric_limits<double>::quiet_NaN(), 1e300};
      value->set_double_value(kDoubles[dice.Below(kDoubles.size())]);
      break;
    }
    case 5:
      value->set_bytes_value(dice.Chance(0.5) ? "v0" : std::string("\xff\0\x80", 3));
      break;
    case 10:
      value->mutable_array_value();
      for (int i = dice.Between(0, 3); i > 0; --i) {
        DrawValue(dice, depth + 1, value->mutable_array_value()->add_values());
      }
      break;
    case 11: {
      value->mutable_kvlist_value();
      const size_t first_key = dice.Below(kKeys.size());
      const size_t members = dice.Below(4);
      for (size_t i = 0; i < members; ++i) {
        auto* member = value->mutable_kvlist_value()->add_values();
        member->set_key(std::string(kKeys[(first_key + i) % kKeys.size()]));
        DrawValue(dice, depth + 1, member->mutable_value());
      }
      break;
    }
    default:
      value->set_string_value(fmt::format("v{}", dice.Below(6)));
  }
}

void DrawKeyValues(Dice& dice, google::protobuf::RepeatedPtrField<schema::KeyValue>* list) {
  const size_t first_key = dice.Below(kKeys.size());
  const size_t size = dice.Below(5);
  for (size_t i = 0; i < size; ++i) {
    auto* attribute = list->Add();
    attribute->set_key(std::string(kKeys[(first_key + i) % kKeys.size()]));
    DrawValue(dice, 1, attribute->mutable_value());
  }
}

// A row of a table that has `size` rows; sometimes the null row.
int32_t DrawRow(Dice& dice, int size) {
  return dice.Chance(0.05) ? 0 : static_cast<int32_t>(dice.Below(static_cast<size_t>(size)));
}

// Some attributes of the table, each key at most once.
void DrawAttributes(Dice& dice, const schema::ProfilesDictionary& dictionary, int max,
                    google::protobuf::RepeatedField<int32_t>* indices) {
  std::vector<int32_t> keys;
  for (int i = dice.Between(0, max); i > 0 && dictionary.attribute_table_size() > 1; --i) {
    const int32_t index = dice.Between(1, dictionary.attribute_table_size() - 1);
    const int32_t key = dictionary.attribute_table(index).key_strindex();
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    keys.push_back(key);
    indices->Add(index);
  }
}

std::string DrawId(Dice& dice, size_t size) {
  std::string id;
  while (id.size() < size) id.push_back(static_cast<char>(1 + dice.Below(255)));
  return id;
}

schema::ProfilesDictionary DrawDictionary(const RequestWorldOptions& options, Dice& dice) {
  schema::ProfilesDictionary rows;
  rows.add_string_table("");
  for (std::string_view key : kKeys) rows.add_string_table(std::string(key));
  const int first_name = rows.string_table_size();
  for (int i = 0; i < options.names; ++i) {
    rows.add_string_table(fmt::format("{}{}", kNamePrefixes[dice.Below(kNamePrefixes.size())], i));
  }
  const auto name = [&] { return DrawRow(dice, rows.string_table_size()); };

  rows.add_attribute_table();
  for (int i = 0; i < options.attributes; ++i) {
    auto* row = rows.add_attribute_table();
    row->set_key_strindex(dice.Between(1, first_name - 1));
    DrawValue(dice, 0, row->mutable_value());
    if (dice.Chance(0.3)) row->set_unit_strindex(name());
  }
  rows.add_function_table();
  for (int i = 0; i < options.functions; ++i) {
    auto* row = rows.add_function_table();
    row->set_name_strindex(name());
    if (dice.Chance(0.5)) row->set_system_name_strindex(name());
    if (dice.Chance(0.7)) row->set_filename_strindex(name());
    if (dice.Chance(0.3)) row->set_start_line(dice.Between(0, 3));
  }
  rows.add_mapping_table();
  for (int i = 0; i < options.mappings; ++i) {
    auto* row = rows.add_mapping_table();
    row->set_memory_start(0x400000 + dice.Below(3) * 0x1000);
    row->set_memory_limit(row->memory_start() + 0x1000);
    if (dice.Chance(0.5)) row->set_file_offset(dice.Below(2) * 0x1000);
    row->set_filename_strindex(name());
    DrawAttributes(dice, rows, 2, row->mutable_attribute_indices());
  }
  rows.add_location_table();
  for (int i = 0; i < options.locations; ++i) {
    auto* row = rows.add_location_table();
    row->set_mapping_index(DrawRow(dice, rows.mapping_table_size()));
    row->set_address(dice.Chance(0.05) ? ~uint64_t{0} : 0x400000 + dice.Below(0x40));
    for (int line = dice.Between(0, 3); line > 0; --line) {
      auto* drawn = row->add_lines();
      drawn->set_function_index(DrawRow(dice, rows.function_table_size()));
      drawn->set_line(dice.Between(-1, 5));
      drawn->set_column(dice.Chance(0.2) ? dice.Between(0, 3) : 0);
    }
    if (dice.Chance(0.3)) DrawAttributes(dice, rows, 2, row->mutable_attribute_indices());
  }
  rows.add_stack_table();
  for (int i = 0; i < options.stacks; ++i) {
    auto* row = rows.add_stack_table();
    for (int depth = dice.Between(0, options.max_stack_depth); depth > 0; --depth) {
      row->add_location_indices(DrawRow(dice, rows.location_table_size()));
    }
  }
  rows.add_link_table();
  for (int i = 0; i < options.links; ++i) {
    auto* row = rows.add_link_table();
    // Spans of one trace share its id.
    row->set_trace_id(i > 0 && dice.Chance(0.3) ? rows.link_table(i).trace_id() : DrawId(dice, 16));
    row->set_span_id(DrawId(dice, 8));
  }
  return rows;
}

}  // namespace

RequestWorld::RequestWorld(const RequestWorldOptions& options, Dice& dice)
    : dictionary(DrawDictionary(options, dice)) {
  for (int i = 0; i < options.resources; ++i) {
    schema::ResourceProfiles group;
    if (dice.Chance(0.9)) {
      schema::Resource* resource = group.mutable_resource();
      DrawKeyValues(dice, resource->mutable_attributes());
      if (dice.Chance(0.2)) {
        resource->set_dropped_attributes_count(static_cast<uint32_t>(dice.Between(1, 3)));
      }
      if (resource->attributes_size() > 0 && dice.Chance(0.4)) {
        schema::EntityRef* entity = resource->add_entity_refs();
        entity->set_type(dice.Chance(0.5) ? "service" : "host");
        entity->add_id_keys(resource->attributes(0).key());
        entity->add_description_keys(resource->attributes(resource->attributes_size() - 1).key());
        if (dice.Chance(0.5)) entity->set_schema_url("https://example.org/entities");
      }
    }
    if (dice.Chance(0.3)) group.set_schema_url(fmt::format("https://example.org/{}", i % 2));
    resources.push_back(group);
  }
  for (int i = 0; i < options.scopes; ++i) {
    schema::ScopeProfiles group;
    if (dice.Chance(0.8)) {
      schema::InstrumentationScope* scope = group.mutable_scope();
      scope->set_name(dice.Chance(0.5) ? "profiler" : std::string(DrawKey(dice)));
      if (dice.Chance(0.7)) scope->set_version("1.2");
      if (dice.Chance(0.4)) DrawKeyValues(dice, scope->mutable_attributes());
      if (dice.Chance(0.1)) scope->set_dropped_attributes_count(7);
    }
    if (dice.Chance(0.3)) group.set_schema_url("https://example.org/scopes");
    scopes.push_back(group);
  }
}

}  // namespace flameway
