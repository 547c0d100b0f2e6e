// SPDX-License-Identifier: Apache-2.0
// What the processors `filter` and `transform` have in common: OTTL of one context, run over the
// rows of that context.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "processor/ottl/parse_error.h"
#include "processor/ottl/program.h"
#include "processor/transform/row_subject.h"
#include "processor/transform/transform.h"

namespace flameway {

struct OttlStepOptions {
  std::optional<ottl::Context> context;  // none: the innermost that the texts name
  // ottl::ErrorMode::kPropagate: the row is dropped, with all that hangs on it. Not for frames.
  ottl::ErrorMode error_mode = ottl::ErrorMode::kIgnore;
  ottl::NilInSet nil_in_set = ottl::NilInSet::kStored;
};

template <typename Step>
using OttlStepOr = std::variant<std::shared_ptr<const Step>, ottl::ParseErrors>;

// A transform whose rows are those of one OTTL context. `Program` says what happens to a row:
//   TransformHooks hooks() const
//   RowVerdict Run(RowSubject&, ottl::Arena&, const TransformReport&) const
// The program is compiled once and shared by the chains of all threads.
template <typename Program>
class OttlStep final : public Transform {
 public:
  OttlStep(std::shared_ptr<const Program> program, TransformReport report)
      : program_(std::move(program)), report_(std::move(report)) {}

  [[nodiscard]] TransformHooks hooks() const override { return program_->hooks(); }

  RowVerdict OnResource(ResourceRow& row) override { return Run({.own_resource = &row}); }
  RowVerdict OnScope(ScopeRow& row, const RowsAround& around) override {
    return Run({.resource = around.resource, .own_scope = &row});
  }
  RowVerdict OnProfile(ProfileRow& row, const RowsAround& around) override {
    return Run({.resource = around.resource, .scope = around.scope, .own_profile = &row});
  }
  RowVerdict OnSample(SampleRow& row, const RowsAround& around) override {
    return Run({.resource = around.resource,
                .scope = around.scope,
                .profile = around.profile,
                .own_sample = &row});
  }
  // Each line by itself. A line whose row is dropped goes, and the frame with its last line.
  RowVerdict OnLocation(LocationRow& row) override;
  FrameMarks JudgeFrame(const LocationRow&) override { return frame_dropped_ ? 1 : 0; }
  bool SelectFrames(std::span<const StackFrame> stack, std::vector<uint32_t>& kept) override;

 private:
  RowVerdict Run(const RowsInSight& rows) {
    RowSubject subject(rows);
    const RowVerdict verdict = program_->Run(subject, arena_, report_);
    arena_.Clear();
    return verdict;
  }

  std::shared_ptr<const Program> program_;
  TransformReport report_;
  ottl::Arena arena_;
  bool frame_dropped_ = false;  // the location that OnLocation saw last
};

// Rows for which a condition holds go: a resource with its profiles, a sample, a frame of a stack.
class FilterProgram {
 public:
  // All mistakes of all texts, or none.
  [[nodiscard]] static OttlStepOr<FilterProgram> Create(const std::vector<std::string>& conditions,
                                                        const OttlStepOptions& options);
  [[nodiscard]] TransformHooks hooks() const;
  RowVerdict Run(RowSubject& subject, ottl::Arena& arena, const TransformReport& report) const;

 private:
  ottl::ConditionList conditions_;
  ottl::ErrorMode error_mode_ = ottl::ErrorMode::kIgnore;
};
using Filter = OttlStep<FilterProgram>;

// Statements edit the rows for which one of the conditions holds, or all where there is none.
class StatementsProgram {
 public:
  [[nodiscard]] static OttlStepOr<StatementsProgram> Create(
      const std::vector<std::string>& conditions, const std::vector<std::string>& statements,
      const OttlStepOptions& options);
  [[nodiscard]] TransformHooks hooks() const;
  RowVerdict Run(RowSubject& subject, ottl::Arena& arena, const TransformReport& report) const;

 private:
  std::optional<ottl::ConditionList> conditions_;
  ottl::StatementList statements_;
  ottl::ErrorMode error_mode_ = ottl::ErrorMode::kIgnore;
};
using Statements = OttlStep<StatementsProgram>;

extern template class OttlStep<FilterProgram>;
extern template class OttlStep<StatementsProgram>;

}  // namespace flameway
