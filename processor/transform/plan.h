// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "processor/transform/chain.h"
#include "processor/transform/processor_options.h"
#include "processor/transform/transform.h"

namespace flameway {

// What is wrong with the options of one processor, for whoever knows where they were written.
struct RecipeError {
  // A position inside the text of the entry.
  struct Inside {
    size_t offset = 0;    // byte
    uint32_t line = 1;    // from 1
    uint32_t column = 1;  // byte within the line, from 1
  };
  std::string field;  // "conditions", "actions.pattern", "include.resources"; empty: the whole
  size_t group = 0;   // of conditions or statements
  size_t index = 0;   // entry of the list that the field is
  std::optional<Inside> inside;
  std::string message;
};
using RecipeErrors = std::vector<RecipeError>;

// One processor of the configuration, compiled. Immutable; any thread. Several pipelines and all
// their batches share it, hence shared_ptr; what a chain makes of it is the chain's own.
class TransformRecipe {
 public:
  using Result = std::variant<std::shared_ptr<const TransformRecipe>, RecipeErrors>;
  // Every mistake, or none. Costs the compilation of all patterns and statements.
  [[nodiscard]] static Result Create(const TransformOptions& options);

  // The processor as it stands in one chain: one step, or one for each group of texts.
  void AddSteps(const TransformReport& report,
                std::vector<std::unique_ptr<Transform>>& steps) const;
  [[nodiscard]] const PointRule& points() const { return points_; }
  // How many of the steps look at stacks.
  [[nodiscard]] size_t frame_filters() const { return frame_filters_; }

 private:
  using MakeStep = std::function<std::unique_ptr<Transform>(const TransformReport&)>;
  class Builder;

  std::vector<MakeStep> steps_;
  PointRule points_;
  size_t frame_filters_ = 0;
};

// The transforms of one pipeline in their order. Immutable; any thread.
class TransformPlan {
 public:
  TransformPlan() = default;
  // At most TransformChain::kMaxFrameFilters steps may look at stacks.
  explicit TransformPlan(std::vector<std::shared_ptr<const TransformRecipe>> recipes)
      : recipes_(std::move(recipes)) {}

  // A chain for one batch; null when there is nothing to do. `report` may be empty.
  [[nodiscard]] std::unique_ptr<TransformChain> NewChain(const TransformReport& report) const;
  [[nodiscard]] bool empty() const { return recipes_.empty(); }
  [[nodiscard]] size_t frame_filters() const;

 private:
  std::vector<std::shared_ptr<const TransformRecipe>> recipes_;
};

}  // namespace flameway
