// SPDX-License-Identifier: Apache-2.0
#include "tests/support/request_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

namespace flameway {
namespace {

using Shape = RequestGeneratorOptions::Shape;
using KeyValues = google::protobuf::RepeatedPtrField<schema::KeyValue>;
using Indices = google::protobuf::RepeatedField<int32_t>;

constexpr uint64_t kFirstWindow = 1'760'000'000'000'000'000;
constexpr uint64_t kWindowLength = 5'000'000'000;

Shape DrawShape(const RequestGeneratorOptions& options, Dice& dice) {
  const double all =
      std::accumulate(options.shape_weights.begin(), options.shape_weights.end(), 0.0);
  double rest = all * static_cast<double>(dice.Bits() >> 11) * 0x1p-53;
  for (int shape = 0; shape < RequestGeneratorOptions::kShapes; ++shape) {
    rest -= options.shape_weights[static_cast<size_t>(shape)];
    if (rest < 0) return static_cast<Shape>(shape);
  }
  return RequestGeneratorOptions::kEvents;
}

}  // namespace

RequestGeneratorOptions RequestGeneratorOptions::ForSeed(uint64_t seed) {
  Dice dice(seed ^ 0x5eedfa311e5);
  RequestGeneratorOptions options;
  options.seed = seed;
  // Small worlds find the corners, large ones grow tables.
  constexpr std::array<int, 6> kScales = {1, 2, 5, 20, 60, 200};
  const int scale = kScales[dice.Below(kScales.size())];
  const auto size = [&](int max) { return dice.Between(1, max); };
  options.world.names = size(3 * scale);
  options.world.functions = size(2 * scale);
  options.world.mappings = size(1 + scale / 4);
  options.world.locations = size(4 * scale);
  options.world.stacks = size(3 * scale);
  options.world.max_stack_depth = size(2 + scale / 2);
  options.world.attributes = size(2 * scale);
  options.world.links = size(scale);
  options.world.resources = size(1 + scale / 10);
  options.world.scopes = size(3);
  options.resources = size(4);
  options.scopes = size(2);
  options.profiles = size(4);
  options.samples = size(2 + scale);
  options.measurements = size(6);
  options.windows = size(4);
  const auto share = [&](double often) { return dice.Chance(0.5) ? 0.0 : often; };
  options.mixed_shape_share = share(0.1);
  options.huge_value_share = share(0.05);
  options.payload_share = share(0.05);
  options.profile_id_share = share(0.2);
  options.duplicate_row_share = share(0.2);
  options.orphan_share = share(0.2);
  options.zero_row_share = share(0.05);
  options.null_attribute_share = share(0.05);
  options.reference_share = share(0.5);
  return options;
}

// Copies rows of the world into the dictionary of one request as they are needed, some of them
// twice. The order of its tables is that of first use, which differs from request to request.
class RequestGenerator::DictionaryBuilder {
 public:
  DictionaryBuilder(const RequestGeneratorOptions& options, const RequestWorld& world, Dice& dice,
                    schema::ProfilesDictionary* out)
      : options_(options), world_(world.dictionary), dice_(dice), out_(out) {
    AddNullRows();
  }

  int32_t String(const std::string& text) {
    if (text.empty()) return ZeroOr(0, [&] { return Add(out_->mutable_string_table(), ""); });
    std::vector<int32_t>& copies = strings_[text];
    if (!copies.empty() && !dice_.Chance(options_.duplicate_row_share)) return Pick(copies);
    copies.push_back(Add(out_->mutable_string_table(), text));
    return copies.back();
  }

  int32_t Name(int32_t world_index) { return String(world_.string_table(world_index)); }

  int32_t Stack(int32_t world_index) {
    return Copy(world_index, &stacks_, out_->mutable_stack_table(), [&](schema::Stack* row) {
      for (int32_t location : world_.stack_table(world_index).location_indices()) {
        row->add_location_indices(Location(location));
      }
    });
  }

  int32_t Link(int32_t world_index) {
    return Copy(world_index, &links_, out_->mutable_link_table(),
                [&](schema::Link* row) { *row = world_.link_table(world_index); });
  }

  int32_t Attribute(int32_t world_index) {
    return Copy(world_index, &attributes_, out_->mutable_attribute_table(),
                [&](schema::KeyValueAndUnit* row) {
                  const auto& from = world_.attribute_table(world_index);
                  row->set_key_strindex(Name(from.key_strindex()));
                  CopyValue(from.value(), row->mutable_value());
                  row->set_unit_strindex(Name(from.unit_strindex()));
                });
  }

  void CopyAttributes(const Indices& from, Indices* to) {
    for (int32_t world_index : from) to->Add(Attribute(world_index));
    if (dice_.Chance(options_.null_attribute_share)) to->Add(0);
    std::shuffle(to->begin(), to->end(), dice_);
  }

  // Some attributes of the world, no key twice.
  void DrawAttributes(int max, Indices* to) {
    Indices drawn;
    std::vector<int32_t> keys;
    for (int i = dice_.Between(0, max); i > 0 && world_.attribute_table_size() > 1; --i) {
      const int32_t index = dice_.Between(1, world_.attribute_table_size() - 1);
      const int32_t key = world_.attribute_table(index).key_strindex();
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      keys.push_back(key);
      drawn.Add(index);
    }
    CopyAttributes(drawn, to);
  }

  void CopyKeyValues(const KeyValues& from, KeyValues* to) {
    for (const auto& attribute : from) CopyKeyValue(attribute, to->Add());
  }

  [[nodiscard]] int32_t DrawStack() { return DrawRow(world_.stack_table_size()); }
  [[nodiscard]] int32_t DrawLink() { return DrawRow(world_.link_table_size()); }
  [[nodiscard]] int32_t DrawAttribute() { return DrawRow(world_.attribute_table_size()); }

 private:
  void AddNullRows() {
    out_->add_string_table("");
    out_->add_mapping_table();
    out_->add_location_table();
    out_->add_function_table();
    out_->add_stack_table();
    auto* attribute = out_->add_attribute_table();
    if (dice_.Chance(0.5)) attribute->mutable_value();
    auto* link = out_->add_link_table();
    if (dice_.Chance(0.5)) {
      link->set_trace_id(std::string(16, '\0'));
      link->set_span_id(std::string(8, '\0'));
    }
  }

  [[nodiscard]] int32_t DrawRow(int size) {
    return static_cast<int32_t>(dice_.Below(static_cast<size_t>(size)));
  }

  int32_t Pick(const std::vector<int32_t>& copies) { return copies[dice_.Below(copies.size())]; }

  // Index 0, or a row that says the same.
  template <typename AddZero>
  int32_t ZeroOr(int32_t index, const AddZero& add_zero) {
    return index == 0 && dice_.Chance(options_.zero_row_share) ? add_zero() : index;
  }

  static int32_t Add(google::protobuf::RepeatedPtrField<std::string>* table,
                     const std::string& text) {
    *table->Add() = text;
    return table->size() - 1;
  }

  // The index of a copy of world row world_index; fill writes a new one when it is wanted.
  template <typename Row, typename Fill>
  int32_t Copy(int32_t world_index, std::map<int32_t, std::vector<int32_t>>* copies_by_row,
               google::protobuf::RepeatedPtrField<Row>* table, const Fill& fill) {
    const auto add = [table] {
      table->Add();
      return table->size() - 1;
    };
    if (world_index == 0) return ZeroOr(0, add);
    std::vector<int32_t>& copies = (*copies_by_row)[world_index];
    if (!copies.empty() && !dice_.Chance(options_.duplicate_row_share)) return Pick(copies);
    Row row;  // filling may add rows to other tables, never to this one
    fill(&row);
    *table->Add() = std::move(row);
    copies.push_back(table->size() - 1);
    return copies.back();
  }

  int32_t Function(int32_t world_index) {
    return Copy(world_index, &functions_, out_->mutable_function_table(),
                [&](schema::Function* row) {
                  *row = world_.function_table(world_index);
                  row->set_name_strindex(Name(row->name_strindex()));
                  row->set_system_name_strindex(Name(row->system_name_strindex()));
                  row->set_filename_strindex(Name(row->filename_strindex()));
                });
  }

  int32_t Mapping(int32_t world_index) {
    return Copy(world_index, &mappings_, out_->mutable_mapping_table(), [&](schema::Mapping* row) {
      const auto& from = world_.mapping_table(world_index);
      *row = from;
      row->set_filename_strindex(Name(from.filename_strindex()));
      row->clear_attribute_indices();
      CopyAttributes(from.attribute_indices(), row->mutable_attribute_indices());
    });
  }

  int32_t Location(int32_t world_index) {
    return Copy(world_index, &locations_, out_->mutable_location_table(),
                [&](schema::Location* row) {
                  const auto& from = world_.location_table(world_index);
                  *row = from;
                  row->set_mapping_index(Mapping(from.mapping_index()));
                  for (auto& line : *row->mutable_lines()) {
                    line.set_function_index(Function(line.function_index()));
                  }
                  row->clear_attribute_indices();
                  CopyAttributes(from.attribute_indices(), row->mutable_attribute_indices());
                });
  }

  void CopyKeyValue(const schema::KeyValue& from, schema::KeyValue* to) {
    if (dice_.Chance(options_.reference_share)) {
      to->set_key_strindex(String(from.key()));
    } else {
      to->set_key(from.key());
    }
    CopyValue(from.value(), to->mutable_value());
  }

  void CopyValue(const schema::AnyValue& from, schema::AnyValue* to) {
    if (from.has_string_value() && dice_.Chance(options_.reference_share)) {
      to->set_string_value_strindex(String(from.string_value()));
    } else if (from.has_array_value()) {
      to->mutable_array_value();
      for (const auto& member : from.array_value().values()) {
        CopyValue(member, to->mutable_array_value()->add_values());
      }
    } else if (from.has_kvlist_value()) {
      CopyKeyValues(from.kvlist_value().values(), to->mutable_kvlist_value()->mutable_values());
    } else {
      *to = from;
    }
  }

  const RequestGeneratorOptions& options_;
  const schema::ProfilesDictionary& world_;
  Dice& dice_;
  schema::ProfilesDictionary* out_;
  // Rows of out_ that are copies of a world row.
  std::map<std::string, std::vector<int32_t>> strings_;
  std::map<int32_t, std::vector<int32_t>> stacks_;
  std::map<int32_t, std::vector<int32_t>> locations_;
  std::map<int32_t, std::vector<int32_t>> functions_;
  std::map<int32_t, std::vector<int32_t>> mappings_;
  std::map<int32_t, std::vector<int32_t>> links_;
  std::map<int32_t, std::vector<int32_t>> attributes_;
};

RequestGenerator::RequestGenerator(const RequestGeneratorOptions& options)
    : options_(options), dice_(options.seed), world_(options.world, dice_) {}

std::vector<schema::ExportProfilesServiceRequest> RequestGenerator::Take(int count) {
  std::vector<schema::ExportProfilesServiceRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back(Next());
  return requests;
}

schema::ExportProfilesServiceRequest RequestGenerator::Next() {
  schema::ExportProfilesServiceRequest request;
  DictionaryBuilder rows(options_, world_, dice_, request.mutable_dictionary());
  for (int r = dice_.Between(1, options_.resources); r > 0; --r) {
    schema::ResourceProfiles* group = request.add_resource_profiles();
    *group = world_.resources[dice_.Below(world_.resources.size())];
    if (group->has_resource()) {
      KeyValues inlined;
      inlined.Swap(group->mutable_resource()->mutable_attributes());
      rows.CopyKeyValues(inlined, group->mutable_resource()->mutable_attributes());
      std::shuffle(group->mutable_resource()->mutable_attributes()->pointer_begin(),
                   group->mutable_resource()->mutable_attributes()->pointer_end(), dice_);
    }
    for (int s = dice_.Between(0, options_.scopes); s > 0; --s) {
      schema::ScopeProfiles* scope_group = group->add_scope_profiles();
      *scope_group = world_.scopes[dice_.Below(world_.scopes.size())];
      if (scope_group->has_scope()) {
        KeyValues inlined;
        inlined.Swap(scope_group->mutable_scope()->mutable_attributes());
        rows.CopyKeyValues(inlined, scope_group->mutable_scope()->mutable_attributes());
      }
      for (int p = dice_.Between(0, options_.profiles); p > 0; --p) {
        FillProfile(scope_group->add_profiles(), &rows);
      }
    }
  }
  return request;
}

void RequestGenerator::FillProfile(schema::Profile* profile, DictionaryBuilder* rows) {
  const bool wall_clock = dice_.Chance(0.3);
  profile->mutable_sample_type()->set_type_strindex(rows->String(wall_clock ? "wall" : "cpu"));
  profile->mutable_sample_type()->set_unit_strindex(rows->String("nanoseconds"));
  if (dice_.Chance(0.8)) {
    profile->mutable_period_type()->set_type_strindex(rows->String("cpu"));
    profile->mutable_period_type()->set_unit_strindex(rows->String("nanoseconds"));
    profile->set_period(dice_.Chance(0.8) ? 50'000'000 : 10'309'278);
  }
  const size_t window = dice_.Below(static_cast<size_t>(options_.windows));
  profile->set_time_unix_nano(kFirstWindow + window * kWindowLength);
  profile->set_duration_nano(kWindowLength);
  if (dice_.Chance(options_.profile_id_share)) {
    profile->set_profile_id(fmt::format("profile-id-{:05}", dice_.Below(4)));
  }
  if (dice_.Chance(0.1)) profile->set_dropped_attributes_count(2);
  if (dice_.Chance(options_.payload_share)) {
    profile->set_original_payload_format("jfr");
    profile->set_original_payload(std::string("FLR\0\x02", 5));
  }
  if (dice_.Chance(0.2)) rows->DrawAttributes(2, profile->mutable_attribute_indices());

  const Shape shape = DrawShape(options_, dice_);
  for (int i = dice_.Between(0, options_.samples); i > 0; --i) {
    const bool other = dice_.Chance(options_.mixed_shape_share);
    FillSample(other ? DrawShape(options_, dice_) : shape, *profile, profile->add_samples(), rows);
    if (dice_.Chance(options_.orphan_share)) {
      (void)rows->Stack(rows->DrawStack());
      (void)rows->Attribute(rows->DrawAttribute());
    }
  }
}

void RequestGenerator::FillSample(Shape shape, const schema::Profile& profile,
                                  schema::Sample* sample, DictionaryBuilder* rows) {
  sample->set_stack_index(rows->Stack(rows->DrawStack()));
  if (dice_.Chance(0.3)) sample->set_link_index(rows->Link(rows->DrawLink()));
  if (dice_.Chance(0.7)) rows->DrawAttributes(3, sample->mutable_attribute_indices());

  const int count = dice_.Between(1, options_.measurements);
  const bool timed = shape == Shape::kEvents || shape == Shape::kTimedValues;
  for (int i = 0; i < count && timed; ++i) {
    // Few distinct times, so that some occur twice.
    const uint64_t time = profile.time_unix_nano() + dice_.Below(500) * 10'000'000;
    sample->add_timestamps_unix_nano(time);
    if (shape == Shape::kTimedValues) sample->add_values(DrawValue());
  }
  if (shape == Shape::kAggregate) sample->add_values(DrawValue());
  // A list of one would be an aggregate.
  for (int i = 0; i < count + 1 && shape == Shape::kValueLists; ++i) {
    sample->add_values(DrawValue());
  }
}

int64_t RequestGenerator::DrawValue() {
  if (dice_.Chance(options_.huge_value_share)) {
    return dice_.Chance(0.7) ? std::numeric_limits<int64_t>::max() - dice_.Between(0, 3)
                             : std::numeric_limits<int64_t>::min();
  }
  return dice_.Between(-1, 1000);
}

}  // namespace flameway
