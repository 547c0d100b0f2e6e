// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/request_meaning.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "processor/model/limits.h"
#include "tests/support/row_texts.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using Indices = google::protobuf::RepeatedField<int32_t>;
using KeyValues = google::protobuf::RepeatedPtrField<schema::KeyValue>;

const RequestLimits kLimits;

bool AllZero(const std::string& bytes) {
  return bytes.find_first_not_of('\0') == std::string::npos;
}
bool SaysNoLink(const schema::Link& link) {
  return AllZero(link.trace_id()) && AllZero(link.span_id());
}
bool HasLinkIds(const schema::Link& link) {
  return link.trace_id().size() == 16 && link.span_id().size() == 8;
}

// Which rows can be used. A table that is absent has its zero row all the same.
class GoodRows {
 public:
  explicit GoodRows(const schema::ProfilesDictionary& tables)
      : tables_(tables), texts_(tables, store_) {
    for (const std::string& text : tables.string_table()) strings_.push_back(Fits(text));
    // In this order: each after those it refers to. Row 0 that is not zero cannot be used (V24).
    JudgeAll(tables.attribute_table(), attributes_);
    JudgeAll(tables.function_table(), functions_);
    JudgeAll(tables.mapping_table(), mappings_);
    JudgeAll(tables.location_table(), locations_);
    JudgeAll(tables.stack_table(), stacks_);
    JudgeAll(tables.link_table(), links_);
  }

  [[nodiscard]] bool String(int32_t index) const { return Reach(strings_, index); }
  [[nodiscard]] bool Stack(int32_t index) const { return Reach(stacks_, index); }
  [[nodiscard]] bool Link(int32_t index) const { return Reach(links_, index); }
  [[nodiscard]] bool Type(const schema::ValueType& type) const {
    return String(type.type_strindex()) && String(type.unit_strindex());
  }
  [[nodiscard]] static bool Fits(const std::string& text) {
    return text.size() <= kLimits.max_string_bytes;
  }

  // Whether all are there and no key has two values.
  [[nodiscard]] bool Attributes(const Indices& list) const {
    std::map<std::string, std::string> by_key;
    for (const int32_t index : list) {
      if (!Reach(attributes_, index)) return false;
      const std::string text = texts_.Attribute(index);
      if (index == 0 || text.empty()) continue;
      const std::string key = texts_.String(tables_.attribute_table(index).key_strindex());
      if (by_key.try_emplace(key, text).first->second != text) return false;
    }
    return true;
  }

  [[nodiscard]] bool Pairs(const KeyValues& pairs) const {
    return std::ranges::all_of(pairs, [&](const schema::KeyValue& pair) {
      const int32_t index = pair.key_strindex();
      const bool conflict = index != 0 && !pair.key().empty() && String(index) &&
                            tables_.string_table(index) != pair.key();
      return Fits(pair.key()) && String(index) && !conflict && Value(pair.value());
    });
  }

  [[nodiscard]] bool Value(const schema::AnyValue& value) const {
    return Fits(value.string_value()) && Fits(value.bytes_value()) &&
           String(value.string_value_strindex()) && Pairs(value.kvlist_value().values()) &&
           std::ranges::all_of(value.array_value().values(),
                               [&](const schema::AnyValue& member) { return Value(member); });
  }

  [[nodiscard]] std::string Key(const schema::KeyValue& pair) const {
    return pair.key_strindex() == 0 ? pair.key() : tables_.string_table(pair.key_strindex());
  }

 private:
  using Verdicts = std::vector<bool>;

  static bool Reach(const Verdicts& table, int32_t index) {
    if (index == 0 && table.empty()) return true;
    return index >= 0 && static_cast<size_t>(index) < table.size() &&
           table[static_cast<size_t>(index)];
  }

  template <typename Row>
  void JudgeAll(const google::protobuf::RepeatedPtrField<Row>& rows, Verdicts& table) {
    for (const Row& row : rows) table.push_back(IsGood(row) && (!table.empty() || IsZero(row)));
  }

  [[nodiscard]] bool IsGood(const schema::KeyValueAndUnit& row) const {
    return String(row.key_strindex()) && String(row.unit_strindex()) && Value(row.value());
  }
  [[nodiscard]] bool IsGood(const schema::Function& row) const {
    return String(row.name_strindex()) && String(row.system_name_strindex()) &&
           String(row.filename_strindex());
  }
  [[nodiscard]] bool IsGood(const schema::Mapping& row) const {
    return String(row.filename_strindex()) && Attributes(row.attribute_indices());
  }
  [[nodiscard]] bool IsGood(const schema::Location& row) const {
    return Reach(mappings_, row.mapping_index()) && Attributes(row.attribute_indices()) &&
           std::ranges::all_of(row.lines(), [&](const schema::Line& line) {
             return Reach(functions_, line.function_index());
           });
  }
  [[nodiscard]] bool IsGood(const schema::Stack& row) const {
    return static_cast<uint32_t>(row.location_indices_size()) <= kLimits.max_stack_depth &&
           std::ranges::all_of(row.location_indices(),
                               [&](int32_t index) { return Reach(locations_, index); });
  }
  [[nodiscard]] static bool IsGood(const schema::Link&) { return true; }

  // Of good rows only.
  [[nodiscard]] bool IsZero(const schema::KeyValueAndUnit& row) const {
    return IsEmptyString(row.key_strindex()) && IsEmptyString(row.unit_strindex()) &&
           row.value().value_case() == schema::AnyValue::VALUE_NOT_SET;
  }
  [[nodiscard]] bool IsZero(const schema::Function& row) const {
    return IsEmptyString(row.name_strindex()) && IsEmptyString(row.system_name_strindex()) &&
           IsEmptyString(row.filename_strindex()) && row.start_line() == 0;
  }
  [[nodiscard]] bool IsZero(const schema::Mapping& row) const {
    return row.memory_start() == 0 && row.memory_limit() == 0 && row.file_offset() == 0 &&
           IsEmptyString(row.filename_strindex()) && SaysNothing(row.attribute_indices());
  }
  [[nodiscard]] bool IsZero(const schema::Location& row) const {
    return row.mapping_index() == 0 && row.address() == 0 && row.lines().empty() &&
           SaysNothing(row.attribute_indices());
  }
  [[nodiscard]] static bool IsZero(const schema::Stack& row) {
    return row.location_indices().empty();
  }
  [[nodiscard]] static bool IsZero(const schema::Link& row) { return SaysNoLink(row); }

  [[nodiscard]] bool SaysNothing(const Indices& attributes) const {
    return std::ranges::all_of(
        attributes, [&](int32_t index) { return index == 0 || texts_.Attribute(index).empty(); });
  }
  [[nodiscard]] bool IsEmptyString(int32_t index) const {
    return index == 0 || tables_.string_table(index).empty();
  }

  const schema::ProfilesDictionary& tables_;
  TextStore store_;
  RowTexts texts_;
  Verdicts strings_, attributes_, functions_, mappings_, locations_, stacks_, links_;
};

bool IsEmpty(const schema::Sample& sample) {
  return sample.values().empty() && sample.timestamps_unix_nano().empty();
}

bool IsGood(const schema::Sample& sample, const GoodRows& rows) {
  const bool paired = sample.values().empty() || sample.timestamps_unix_nano().empty() ||
                      sample.values_size() == sample.timestamps_unix_nano_size();
  return paired && rows.Stack(sample.stack_index()) && rows.Link(sample.link_index()) &&
         rows.Attributes(sample.attribute_indices());
}

bool IsGood(const schema::Profile& profile, const GoodRows& rows) {
  const auto& samples = profile.samples();
  const bool measures = samples.empty() || !std::ranges::all_of(samples, IsEmpty);
  return measures && rows.Type(profile.sample_type()) && rows.Type(profile.period_type()) &&
         rows.Attributes(profile.attribute_indices()) &&
         GoodRows::Fits(profile.original_payload_format()) &&
         profile.original_payload().size() <= kLimits.max_payload_bytes &&
         std::ranges::all_of(samples,
                             [&](const schema::Sample& sample) { return IsGood(sample, rows); });
}

bool IsGood(const schema::EntityRef& entity) {
  return GoodRows::Fits(entity.schema_url()) && GoodRows::Fits(entity.type()) &&
         std::ranges::all_of(entity.id_keys(), GoodRows::Fits) &&
         std::ranges::all_of(entity.description_keys(), GoodRows::Fits);
}

bool IsGood(const schema::ResourceProfiles& group, const GoodRows& rows) {
  const auto& entities = group.resource().entity_refs();
  return GoodRows::Fits(group.schema_url()) && rows.Pairs(group.resource().attributes()) &&
         std::ranges::all_of(entities, [](const auto& entity) { return IsGood(entity); });
}

bool IsGood(const schema::ScopeProfiles& group, const GoodRows& rows) {
  return GoodRows::Fits(group.schema_url()) && GoodRows::Fits(group.scope().name()) &&
         GoodRows::Fits(group.scope().version()) && rows.Pairs(group.scope().attributes());
}

// V43.
void KeepFirstOfEachKey(const GoodRows& rows, KeyValues* pairs) {
  std::set<std::string> keys;
  KeyValues kept;
  for (const schema::KeyValue& pair : *pairs) {
    const std::string key = rows.Key(pair);
    if (!key.empty() && keys.insert(key).second) *kept.Add() = pair;
  }
  pairs->Swap(&kept);
}

// V38.
void ClearBadLinks(schema::ProfilesDictionary* tables) {
  for (schema::Link& link : *tables->mutable_link_table()) {
    if (SaysNoLink(link) || !HasLinkIds(link)) link.Clear();
  }
}

}  // namespace

RequestMeaning::RequestMeaning(const ExportProfilesServiceRequest& request) {
  const GoodRows rows(request.dictionary());
  *accepted.mutable_dictionary() = request.dictionary();
  ClearBadLinks(accepted.mutable_dictionary());
  for (ProfilePlace at; at.resource < request.resource_profiles_size(); ++at.resource) {
    const schema::ResourceProfiles& resource = request.resource_profiles(at.resource);
    const bool resource_good = IsGood(resource, rows);
    schema::ResourceProfiles* resource_left = accepted.add_resource_profiles();
    *resource_left = resource;
    resource_left->clear_scope_profiles();
    if (resource_good)
      KeepFirstOfEachKey(rows, resource_left->mutable_resource()->mutable_attributes());
    for (at.scope = 0; at.scope < resource.scope_profiles_size(); ++at.scope) {
      const schema::ScopeProfiles& scope = resource.scope_profiles(at.scope);
      const bool scope_good = resource_good && IsGood(scope, rows);
      schema::ScopeProfiles* scope_left = resource_left->add_scope_profiles();
      *scope_left = scope;
      scope_left->clear_profiles();
      if (scope_good) KeepFirstOfEachKey(rows, scope_left->mutable_scope()->mutable_attributes());
      for (at.profile = 0; at.profile < scope.profiles_size(); ++at.profile) {
        const schema::Profile& profile = scope.profiles(at.profile);
        ++profiles;
        if (scope_good && IsGood(profile, rows)) {
          *scope_left->add_profiles() = profile;
        } else {
          refused.push_back(at);
        }
      }
    }
  }
}

}  // namespace flameway
