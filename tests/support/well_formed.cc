// SPDX-License-Identifier: Apache-2.0
#include "tests/support/well_formed.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "tests/support/row_texts.h"

namespace flameway {
namespace {

constexpr size_t kMaxProblems = 100;

using Indices = google::protobuf::RepeatedField<int32_t>;
using KeyValues = google::protobuf::RepeatedPtrField<schema::KeyValue>;

class Problems {
 public:
  void Report(std::string problem) {
    if (lines_.size() < kMaxProblems) lines_.push_back(std::move(problem));
  }
  std::vector<std::string> Take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

// One table: which rows are reached, and which row was the first with the value of a row.
class Table {
 public:
  Table(std::string_view name, int size, Problems& problems)
      : name_(name), reached_(static_cast<size_t>(size)), problems_(problems) {}

  // The next row of the table, as text that is equal for equal rows and empty for the zero value.
  void AddValue(const std::string& value) {
    const auto row = static_cast<int32_t>(first_equal_.size());
    const int32_t first = first_of_value_.try_emplace(value, row).first->second;
    first_equal_.push_back(first);
    if (row == 0 && !value.empty()) {
      problems_.Report(fmt::format("{} 0 is not the zero value", name_));
    } else if (row > 0 && value.empty()) {
      problems_.Report(fmt::format("{} {} is the zero value, which is row 0", name_, row));
    } else if (first != row) {
      problems_.Report(fmt::format("{} {} equals row {}", name_, row, first));
    }
  }

  // The first row of equal value; the index itself where there is no such row.
  [[nodiscard]] int32_t FirstEqual(int32_t index) const {
    const bool known = index >= 0 && static_cast<size_t>(index) < first_equal_.size();
    return known ? first_equal_[static_cast<size_t>(index)] : index;
  }

  enum class Visit { kFirst, kAgain };
  // Called for each reference to a row.
  Visit Reach(int32_t index) {
    if (index < 0 || static_cast<size_t>(index) >= reached_.size()) {
      // A missing table is told once, by its own rule.
      if (index != 0) problems_.Report(fmt::format("{} {} does not exist", name_, index));
      return Visit::kAgain;
    }
    const auto row = static_cast<size_t>(index);
    if (reached_[row]) return Visit::kAgain;
    reached_[row] = true;
    return Visit::kFirst;
  }

  void ReportUnused() const {
    for (size_t row = 1; row < reached_.size(); ++row) {
      if (!reached_[row]) problems_.Report(fmt::format("{} {} is not used", name_, row));
    }
  }
  void ReportMissing() const {
    if (reached_.empty()) problems_.Report(fmt::format("{} table is empty", name_));
  }

 private:
  std::string_view name_;
  std::vector<bool> reached_;
  std::vector<int32_t> first_equal_;
  std::unordered_map<std::string, int32_t> first_of_value_;
  Problems& problems_;
};

class RequestCheck {
 public:
  explicit RequestCheck(const schema::ExportProfilesServiceRequest& request)
      : request_(request), dictionary_(request.dictionary()), rows_(dictionary_, texts_) {}

  std::vector<std::string> Run() {
    CompareRows();
    bool any_profile = false;
    for (const auto& resource_group : request_.resource_profiles()) {
      CheckKeyValues("resource", resource_group.resource().attributes());
      for (const auto& scope_group : resource_group.scope_profiles()) {
        CheckKeyValues("scope", scope_group.scope().attributes());
        for (const auto& profile : scope_group.profiles()) {
          any_profile = true;
          CheckProfile(profile);
        }
      }
    }
    for (const Table* table :
         {&strings_, &attributes_, &functions_, &links_, &mappings_, &locations_, &stacks_}) {
      if (any_profile) table->ReportMissing();
      table->ReportUnused();
    }
    return problems_.Take();
  }

 private:
  // Bottom-up, each row as the bytes it has once all its references go to the first of equal rows.
  void CompareRows() {
    for (const auto& row : dictionary_.string_table()) strings_.AddValue(row);
    for (int i = 0; i < dictionary_.attribute_table_size(); ++i) {
      attributes_.AddValue(AttributeValue(i));
    }
    for (schema::Function row : dictionary_.function_table()) {
      row.set_name_strindex(strings_.FirstEqual(row.name_strindex()));
      row.set_system_name_strindex(strings_.FirstEqual(row.system_name_strindex()));
      row.set_filename_strindex(strings_.FirstEqual(row.filename_strindex()));
      functions_.AddValue(row.SerializeAsString());
    }
    for (const auto& row : dictionary_.link_table()) {
      links_.AddValue(IsNullLink(row) ? "" : row.SerializeAsString());
    }
    for (schema::Mapping row : dictionary_.mapping_table()) {
      row.set_filename_strindex(strings_.FirstEqual(row.filename_strindex()));
      SetFirstEqual(attributes_, row.mutable_attribute_indices());
      mappings_.AddValue(row.SerializeAsString());
    }
    for (schema::Location row : dictionary_.location_table()) {
      row.set_mapping_index(mappings_.FirstEqual(row.mapping_index()));
      for (auto& line : *row.mutable_lines()) {
        line.set_function_index(functions_.FirstEqual(line.function_index()));
      }
      SetFirstEqual(attributes_, row.mutable_attribute_indices());
      locations_.AddValue(row.SerializeAsString());
    }
    for (schema::Stack row : dictionary_.stack_table()) {
      SetFirstEqual(locations_, row.mutable_location_indices());
      stacks_.AddValue(row.SerializeAsString());
    }
  }

  static void SetFirstEqual(const Table& table, Indices* indices) {
    for (int32_t& index : *indices) index = table.FirstEqual(index);
  }

  // By text: inline and reference form are one value. Index 0 has no text of its own.
  std::string AttributeValue(int index) const {
    if (index > 0) return rows_.Attribute(index);
    const auto& row = dictionary_.attribute_table(0);
    const bool zero = row.key_strindex() == 0 && row.unit_strindex() == 0 &&
                      row.value().value_case() == schema::AnyValue::VALUE_NOT_SET;
    return zero ? "" : "not zero";
  }

  void CheckProfile(const schema::Profile& profile) {
    ReachType(profile.sample_type());
    ReachType(profile.period_type());
    CheckAttributes("profile", profile.attribute_indices());
    if (const size_t size = profile.profile_id().size(); size != 0 && size != 16) {
      problems_.Report(fmt::format("profile_id has {} bytes", size));
    }
    for (const auto& sample : profile.samples()) CheckSample(sample);
  }

  void CheckSample(const schema::Sample& sample) {
    const int values = sample.values_size();
    const int timestamps = sample.timestamps_unix_nano_size();
    if (values == 0 && timestamps == 0) problems_.Report("sample without values and timestamps");
    if (values != 0 && timestamps != 0 && values != timestamps) {
      problems_.Report(fmt::format("sample with {} values and {} timestamps", values, timestamps));
    }
    CheckAttributes("sample", sample.attribute_indices());
    ReachStack(sample.stack_index());
    ReachLink(sample.link_index());
  }

  void ReachType(const schema::ValueType& type) {
    strings_.Reach(type.type_strindex());
    strings_.Reach(type.unit_strindex());
  }

  void ReachStack(int32_t index) {
    if (stacks_.Reach(index) != Table::Visit::kFirst) return;
    for (int32_t location : dictionary_.stack_table(index).location_indices()) {
      ReachLocation(location);
    }
  }

  void ReachLocation(int32_t index) {
    if (locations_.Reach(index) != Table::Visit::kFirst) return;
    const auto& row = dictionary_.location_table(index);
    if (mappings_.Reach(row.mapping_index()) == Table::Visit::kFirst) {
      const auto& mapping = dictionary_.mapping_table(row.mapping_index());
      strings_.Reach(mapping.filename_strindex());
      CheckAttributes("mapping", mapping.attribute_indices());
    }
    for (const auto& line : row.lines()) {
      if (functions_.Reach(line.function_index()) != Table::Visit::kFirst) continue;
      const auto& function = dictionary_.function_table(line.function_index());
      strings_.Reach(function.name_strindex());
      strings_.Reach(function.system_name_strindex());
      strings_.Reach(function.filename_strindex());
    }
    CheckAttributes("location", row.attribute_indices());
  }

  void ReachLink(int32_t index) {
    if (links_.Reach(index) != Table::Visit::kFirst || index == 0) return;
    const auto& link = dictionary_.link_table(index);
    if (link.trace_id().size() != 16 || link.span_id().size() != 8) {
      problems_.Report(fmt::format("link {} has ids of {} and {} bytes", index,
                                   link.trace_id().size(), link.span_id().size()));
    }
  }

  void CheckAttributes(std::string_view owner, const Indices& indices) {
    std::set<std::string> keys;
    for (int32_t index : indices) {
      if (index == 0) problems_.Report(fmt::format("{} with attribute 0", owner));
      const bool first = attributes_.Reach(index) == Table::Visit::kFirst;
      if (index <= 0 || index >= dictionary_.attribute_table_size()) continue;
      const auto& row = dictionary_.attribute_table(index);
      const std::string key = rows_.String(row.key_strindex());
      if (!keys.insert(key).second) {
        problems_.Report(fmt::format("{} with two attributes {}", owner, key));
      }
      if (!first) continue;
      strings_.Reach(row.key_strindex());
      strings_.Reach(row.unit_strindex());
      CheckValue(row.value());
    }
  }

  void CheckKeyValues(std::string_view owner, const KeyValues& attributes) {
    std::set<std::string> keys;
    for (const auto& attribute : attributes) {
      const std::string key = rows_.Key(attribute);
      if (!keys.insert(key).second) {
        problems_.Report(fmt::format("{} with two attributes {}", owner, key));
      }
      if (attribute.key_strindex() != 0 && !attribute.key().empty()) {
        problems_.Report(fmt::format("{} attribute with {}", owner, key));
      }
      strings_.Reach(attribute.key_strindex());
      CheckValue(attribute.value());
    }
  }

  void CheckValue(const schema::AnyValue& value) {
    strings_.Reach(value.string_value_strindex());
    for (const auto& member : value.array_value().values()) CheckValue(member);
    if (value.has_kvlist_value()) CheckKeyValues("kvlist", value.kvlist_value().values());
  }

  const schema::ExportProfilesServiceRequest& request_;
  const schema::ProfilesDictionary& dictionary_;
  TextStore texts_;
  RowTexts rows_;
  Problems problems_;
  Table strings_{"string", dictionary_.string_table_size(), problems_};
  Table attributes_{"attribute", dictionary_.attribute_table_size(), problems_};
  Table functions_{"function", dictionary_.function_table_size(), problems_};
  Table links_{"link", dictionary_.link_table_size(), problems_};
  Table mappings_{"mapping", dictionary_.mapping_table_size(), problems_};
  Table locations_{"location", dictionary_.location_table_size(), problems_};
  Table stacks_{"stack", dictionary_.stack_table_size(), problems_};
};

}  // namespace

std::vector<std::string> CheckWellFormed(const schema::ExportProfilesServiceRequest& request) {
  return RequestCheck(request).Run();
}

}  // namespace flameway
