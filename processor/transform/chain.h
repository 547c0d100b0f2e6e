// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "processor/transform/transform.h"

namespace flameway {

// A row in the forms it had before each step of a chain, so that a later hook of a step sees the
// rows around its own as that step found them, whatever later steps did to those.
template <typename Row>
class Stages {
 public:
  Stages() = default;
  explicit Stages(Row row) { forms_.push_back(std::move(row)); }

  [[nodiscard]] const Row& Before(size_t step) const { return forms_[form_before_[step]]; }
  [[nodiscard]] const Row& Final() const { return forms_.back(); }
  [[nodiscard]] bool changed() const { return forms_.size() > 1; }

 private:
  friend class TransformChain;
  std::vector<Row> forms_;
  std::vector<uint32_t> form_before_;  // by step
};

// The transforms of one pipeline in their order, run over one kind of row at a time. One thread,
// like the batch that owns it; keeps what its transforms remember from batch to batch.
class TransformChain {
 public:
  // How many transforms of a chain may filter frames: their marks travel in one word.
  static constexpr size_t kMaxFrameFilters = 4;
  using Marks = std::array<FrameMarks, kMaxFrameFilters>;

  explicit TransformChain(std::vector<std::unique_ptr<Transform>> steps, PointRule points = {});

  [[nodiscard]] const TransformHooks& hooks() const { return hooks_; }  // of any step
  [[nodiscard]] const PointRule& points() const { return points_; }

  // False: dropped.
  [[nodiscard]] bool RunResource(Stages<ResourceRow>& resource);
  [[nodiscard]] bool RunScope(Stages<ScopeRow>& scope, const Stages<ResourceRow>& resource);
  [[nodiscard]] bool RunProfile(Stages<ProfileRow>& profile, const Stages<ScopeRow>& scope,
                                const Stages<ResourceRow>& resource);
  [[nodiscard]] bool RunSample(SampleRow& sample, const Stages<ProfileRow>& profile,
                               const Stages<ScopeRow>& scope, const Stages<ResourceRow>& resource);
  // Its functions and its mapping too, each in the step's turn.
  void RunLocation(LocationRow& location, Marks& marks);
  // The indices of the frames that stay, leaf first; `identities` are equal for equal frames. True:
  // a frame named [truncated] belongs before them.
  bool RunStack(std::span<const Marks> marks, std::span<const uint32_t> identities,
                std::vector<uint32_t>& kept);

 private:
  struct Step {
    std::unique_ptr<Transform> transform;
    TransformHooks hooks;
  };
  template <typename Row, typename Hook>
  bool Run(Stages<Row>& row, bool TransformHooks::*wanted, const Hook& hook);

  std::vector<Step> steps_;
  TransformHooks hooks_;
  PointRule points_;
};

}  // namespace flameway
