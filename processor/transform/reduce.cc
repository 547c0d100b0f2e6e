// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/reduce.h"

#include <algorithm>
#include <bit>
#include <string_view>

namespace flameway {
namespace {

bool Holds(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

RowVerdict Drop(const std::vector<std::string>& keys, AttributeList& attributes) {
  const auto dropped = std::erase_if(
      attributes, [&keys](const Attribute& attribute) { return Holds(keys, attribute.key); });
  return dropped == 0 ? RowVerdict::kKeep : RowVerdict::kChanged;
}

}  // namespace

PointRule PointRuleOf(const ReduceOptions& options) {
  const auto round_to =
      static_cast<uint64_t>(std::max(options.round_to, std::chrono::nanoseconds(1)).count());
  return {.timestamps = options.timestamps, .rounding_mask = ~(std::bit_floor(round_to) - 1)};
}

PointRule Combine(const PointRule& first, const PointRule& second) {
  // Dropping is more than rounding, rounding more than keeping.
  const auto loss = [](const PointRule& rule) {
    return rule.timestamps == Timestamps::kKeep ? 0 : rule.timestamps == Timestamps::kRound ? 1 : 2;
  };
  PointRule both = loss(first) > loss(second) ? first : second;
  if (loss(first) == 1 && loss(second) == 1) {
    both.rounding_mask = first.rounding_mask & second.rounding_mask;
  }
  return both;
}

TransformHooks Reduce::hooks() const {
  return {.resources = !options_.drop_resource_attributes.empty(),
          .profiles = !options_.keep_value_types.empty(),
          .samples = !options_.drop_sample_attributes.empty()};
}

RowVerdict Reduce::OnResource(ResourceRow& row) {
  return Drop(options_.drop_resource_attributes, row.attributes);
}

RowVerdict Reduce::OnProfile(ProfileRow& row, const RowsAround&) {
  if (Holds(options_.keep_value_types, row.type)) return RowVerdict::kKeep;
  const std::string with_unit = row.type + '/' + row.type_unit;
  return Holds(options_.keep_value_types, with_unit) ? RowVerdict::kKeep : RowVerdict::kDrop;
}

RowVerdict Reduce::OnSample(SampleRow& row, const RowsAround&) {
  return Drop(options_.drop_sample_attributes, row.attributes);
}

}  // namespace flameway
