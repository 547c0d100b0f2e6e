// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "processor/transform/transform.h"

namespace flameway {

// Losses for size, each by itself and none by default. Values are summed exactly, counts stay.
struct ReduceOptions {
  Timestamps timestamps = Timestamps::kKeep;
  // kRound: timestamps are rounded down to a multiple of the largest power of two of nanoseconds
  // that is no longer than this, so that their low bytes are zero, which compresses. At least 1 ns.
  std::chrono::nanoseconds round_to{1};
  // Keys to leave out of samples, e.g. thread.id: samples that differ in nothing else become one.
  std::vector<std::string> drop_sample_attributes;
  // Keys to leave out of resources, e.g. process.pid: resources that differ in nothing else become
  // one.
  std::vector<std::string> drop_resource_attributes;
  // Sample types of the profiles to keep, as "type" or "type/unit"; empty: all.
  std::vector<std::string> keep_value_types;
};

[[nodiscard]] PointRule PointRuleOf(const ReduceOptions& options);
// Both rules one after the other.
[[nodiscard]] PointRule Combine(const PointRule& first, const PointRule& second);

// All of it but the timestamps, which are no rows: the chain is given their rule.
class Reduce final : public Transform {
 public:
  explicit Reduce(ReduceOptions options) : options_(std::move(options)) {}

  [[nodiscard]] TransformHooks hooks() const override;
  RowVerdict OnResource(ResourceRow& row) override;
  RowVerdict OnProfile(ProfileRow& row, const RowsAround& around) override;
  RowVerdict OnSample(SampleRow& row, const RowsAround& around) override;

 private:
  ReduceOptions options_;
};

}  // namespace flameway
