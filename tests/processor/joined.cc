// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/joined.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace flameway {
namespace {

using Indices = google::protobuf::RepeatedField<int32_t>;

constexpr int64_t kHuge = int64_t{1} << 60;

enum class Shape { kNone, kEvents, kTimed, kAggregate, kMultiValue, kMixed };

Shape ShapeOf(const schema::Sample& sample) {
  if (sample.values().empty()) return Shape::kEvents;
  if (!sample.timestamps_unix_nano().empty()) return Shape::kTimed;
  return sample.values_size() == 1 ? Shape::kAggregate : Shape::kMultiValue;
}

Shape ShapeOf(const schema::Profile& profile) {
  Shape shape = Shape::kNone;
  for (const schema::Sample& sample : profile.samples()) {
    if (shape != Shape::kNone && shape != ShapeOf(sample)) return Shape::kMixed;
    shape = ShapeOf(sample);
  }
  return shape;
}

std::vector<int32_t> Sorted(const Indices& list) {
  std::vector<int32_t> sorted(list.begin(), list.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// A resource or scope, its attributes in any order.
template <typename Origin>
std::string OriginKey(Origin origin, const std::string& schema_url) {
  std::set<std::string> attributes;
  for (const auto& attribute : origin.attributes())
    attributes.insert(attribute.SerializeAsString());
  origin.clear_attributes();
  const std::string rest = origin.SerializeAsString();
  // Lengths keep the parts apart.
  return fmt::format("{} {} {} {} {}", rest.size(), rest, schema_url.size(), schema_url,
                     fmt::join(attributes, ""));
}

std::string ProfileKey(schema::Profile profile) {
  const Shape shape = ShapeOf(profile);
  const bool timed = shape == Shape::kEvents || shape == Shape::kTimed;
  const std::vector<int32_t> attributes = Sorted(profile.attribute_indices());
  const bool timeless = profile.time_unix_nano() == 0;
  if (timed && !timeless) {
    profile.clear_time_unix_nano();
    profile.clear_duration_nano();
  }
  profile.clear_attribute_indices();
  profile.clear_samples();
  return fmt::format("{} {} {} {}", static_cast<int>(shape), timeless, attributes,
                     profile.SerializeAsString());
}

std::string AboutSamples(const schema::Profile& profile) {
  struct Seen {
    int count = 0;
    bool huge = false;
  };
  std::map<std::string, Seen> samples;
  for (const schema::Sample& sample : profile.samples()) {
    const Shape shape = ShapeOf(sample);
    if (shape == Shape::kMultiValue) continue;
    Seen& seen = samples[fmt::format("stack {} link {} attributes {} shape {}",
                                     sample.stack_index(), sample.link_index(),
                                     Sorted(sample.attribute_indices()), static_cast<int>(shape))];
    ++seen.count;
    seen.huge |=
        shape == Shape::kAggregate && (sample.values(0) > kHuge || sample.values(0) < -kHuge);
  }
  for (const auto& [key, seen] : samples) {
    if (seen.count > 1 && !seen.huge) return fmt::format("{} samples of {}", seen.count, key);
  }
  return "";
}

std::string AboutScope(const schema::ScopeProfiles& scope) {
  std::set<std::string> profiles;
  for (const schema::Profile& profile : scope.profiles()) {
    const bool payload =
        !profile.original_payload().empty() || !profile.original_payload_format().empty();
    if (!payload && !profiles.insert(ProfileKey(profile)).second) return "a profile twice";
    std::string problem = AboutSamples(profile);
    if (!problem.empty()) return problem;
  }
  return "";
}

template <typename Table>
std::string AboutRows(const char* name, const Table& table) {
  std::set<std::string> rows;
  for (const auto& row : table) {
    bool added;
    if constexpr (std::is_same_v<std::decay_t<decltype(row)>, std::string>) {
      added = rows.insert(row).second;
    } else {
      added = rows.insert(row.SerializeAsString()).second;
    }
    if (!added) return fmt::format("a {} twice", name);
  }
  return "";
}

std::string AboutDictionary(const schema::ProfilesDictionary& dictionary) {
  for (const std::string& problem :
       {AboutRows("string", dictionary.string_table()),
        AboutRows("attribute", dictionary.attribute_table()),
        AboutRows("function", dictionary.function_table()),
        AboutRows("mapping", dictionary.mapping_table()),
        AboutRows("location", dictionary.location_table()),
        AboutRows("stack", dictionary.stack_table()), AboutRows("link", dictionary.link_table())}) {
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace

std::string Unjoined(const schema::ExportProfilesServiceRequest& merged) {
  std::string problem = AboutDictionary(merged.dictionary());
  if (!problem.empty()) return problem;
  std::set<std::string> resources;
  for (const auto& resource : merged.resource_profiles()) {
    if (!resources.insert(OriginKey(resource.resource(), resource.schema_url())).second)
      return "a resource twice";
    std::set<std::string> scopes;
    for (const auto& scope : resource.scope_profiles()) {
      if (!scopes.insert(OriginKey(scope.scope(), scope.schema_url())).second)
        return "a scope twice";
      problem = AboutScope(scope);
      if (!problem.empty()) return problem;
    }
  }
  return "";
}

}  // namespace flameway
