// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/ottl_step.h"

#include <algorithm>

namespace flameway {
namespace {

using ottl::Context;
using ottl::ContextSet;
using ottl::ParseErrors;

TransformHooks HooksFor(Context context, ContextSet reads) {
  switch (context) {
    case Context::kResource:
      return {.resources = true};
    case Context::kScope:
      return {.scopes = true};
    case Context::kProfile:
      return {.profiles = true};
    case Context::kSample:
      return {.samples = true,
              .samples_see_resource = reads.Has(Context::kResource),
              .samples_see_scope = reads.Has(Context::kScope),
              .samples_see_profile = reads.Has(Context::kProfile)};
    case Context::kFrame:
      return {.locations = true};
  }
  return {};
}

bool UsesPath(const ottl::Footprint& footprint, ottl::PathId path) {
  return std::any_of(footprint.reads.begin(), footprint.reads.end(),
                     [path](const ottl::PathUse& use) { return use.path == path; });
}

// What may not be seen from a row because the row serves more than one of them. `texts` is asked
// for the text that is to blame.
void RefuseWhatIsNotInSight(const ottl::Footprint& footprint, Context context, size_t index,
                            ottl::ErrorMode error_mode, ParseErrors& errors) {
  const auto refuse = [&](const char* message) {
    errors.push_back({.statement = index, .message = message});
  };
  if (context == Context::kFrame) {
    if (footprint.contexts_read.Has(Context::kResource)) {
      refuse("a frame is one for all resources, so resource.* cannot be read beside frame.*");
    }
    if (error_mode == ottl::ErrorMode::kPropagate) {
      refuse("error_mode propagate drops the row, which a frame cannot be: use ignore or silent");
    }
  }
  if (context == Context::kSample && (UsesPath(footprint, ottl::PathId::kSampleValues) ||
                                      UsesPath(footprint, ottl::PathId::kSampleTimestamps))) {
    refuse(
        "samples of one identity are one here, whatever they measured: profilesample.values and "
        "profilesample.timestamps_unix_nano cannot be read");
  }
}

void Tell(const TransformReport& report, const absl::Status& why) {
  const auto message = why.message();
  if (report) report({message.data(), message.size()});
}

auto Reporter(const TransformReport& report) {
  return [&report](size_t, const absl::Status& why) { Tell(report, why); };
}

}  // namespace

template <typename Program>
RowVerdict OttlStep<Program>::OnLocation(LocationRow& row) {
  frame_dropped_ = false;
  bool changed = false;
  const Attribute* const type = FindAttribute(std::as_const(row.attributes), "profile.frame.type");
  const std::string frame_type(type == nullptr ? "" : StringOf(type->value).value_or(""));
  MappingRow unknown;
  MappingRow& mapping = row.mapping.has_value() ? *row.mapping : unknown;
  const auto run = [&](LineRow& line) {
    const RowVerdict verdict = Run({.own_function = &line.function,
                                    .own_mapping = &mapping,
                                    .frame_type = frame_type,
                                    .line = line.line});
    changed |= verdict == RowVerdict::kChanged;
    return verdict == RowVerdict::kDrop;
  };
  if (row.lines.empty()) {
    LineRow line;
    frame_dropped_ = run(line);
    if (!(line.function == FunctionRow())) row.lines.push_back(std::move(line));
  } else {
    changed |= std::erase_if(row.lines, run) > 0;
    frame_dropped_ = row.lines.empty();
  }
  if (!row.mapping.has_value() && !unknown.filename.empty()) row.mapping = std::move(unknown);
  return changed ? RowVerdict::kChanged : RowVerdict::kKeep;
}

template <typename Program>
bool OttlStep<Program>::SelectFrames(std::span<const StackFrame> stack,
                                     std::vector<uint32_t>& kept) {
  kept.clear();
  for (uint32_t i = 0; i < stack.size(); ++i) {
    if (stack[i].marks == 0) kept.push_back(i);
  }
  return false;
}

OttlStepOr<FilterProgram> FilterProgram::Create(const std::vector<std::string>& conditions,
                                                const OttlStepOptions& options) {
  auto compiled = ottl::ConditionList::Compile(
      conditions, {.context = options.context, .nil_in_set = options.nil_in_set});
  if (auto* errors = std::get_if<ParseErrors>(&compiled)) return std::move(*errors);
  auto program = std::make_shared<FilterProgram>();
  program->conditions_ = std::get<ottl::ConditionList>(std::move(compiled));
  program->error_mode_ = options.error_mode;
  ParseErrors errors;
  const auto& list = program->conditions_.conditions();
  for (size_t i = 0; i < list.size(); ++i) {
    RefuseWhatIsNotInSight(list[i].footprint(), program->conditions_.context(), i,
                           options.error_mode, errors);
  }
  if (!errors.empty()) return errors;
  return std::shared_ptr<const FilterProgram>(std::move(program));
}

TransformHooks FilterProgram::hooks() const {
  TransformHooks hooks = HooksFor(conditions_.context(), conditions_.footprint().contexts_read);
  if (conditions_.context() == Context::kFrame) hooks.stacks = StackHook::kMarked;
  return hooks;
}

RowVerdict FilterProgram::Run(RowSubject& subject, ottl::Arena& arena,
                              const TransformReport& report) const {
  const auto holds = conditions_.AnyHolds(subject, arena, error_mode_, Reporter(report));
  if (!holds.ok()) Tell(report, holds.status());
  return !holds.ok() || *holds ? RowVerdict::kDrop : RowVerdict::kKeep;
}

OttlStepOr<StatementsProgram> StatementsProgram::Create(const std::vector<std::string>& conditions,
                                                        const std::vector<std::string>& statements,
                                                        const OttlStepOptions& options) {
  ottl::CompileOptions compile{.context = options.context, .nil_in_set = options.nil_in_set};
  if (!compile.context.has_value()) {
    compile.context = ottl::InnermostContext(conditions, statements);
  }
  ParseErrors errors;
  auto program = std::make_shared<StatementsProgram>();
  program->error_mode_ = options.error_mode;
  if (!conditions.empty()) {
    auto compiled = ottl::ConditionList::Compile(conditions, compile);
    if (auto* found = std::get_if<ParseErrors>(&compiled)) {
      errors.insert(errors.end(), found->begin(), found->end());
    } else {
      program->conditions_ = std::get<ottl::ConditionList>(std::move(compiled));
    }
  }
  auto compiled = ottl::StatementList::Compile(statements, compile);
  if (auto* found = std::get_if<ParseErrors>(&compiled)) {
    for (ottl::ParseError& error : *found) {
      error.statement += conditions.size();  // statements are numbered behind the conditions
      errors.push_back(std::move(error));
    }
  } else {
    program->statements_ = std::get<ottl::StatementList>(std::move(compiled));
  }
  if (!errors.empty()) return errors;
  const Context context = program->statements_.context();
  const auto& list = program->statements_.statements();
  for (size_t i = 0; i < list.size(); ++i) {
    RefuseWhatIsNotInSight(list[i].footprint(), context, conditions.size() + i, options.error_mode,
                           errors);
    if (!list[i].footprint().contexts_written.Within({context})) {
      errors.push_back({.statement = conditions.size() + i,
                        .message = "a statement sets what is its own context's only: give the "
                                   "rows around it a statement of their own"});
    }
  }
  if (program->conditions_.has_value()) {
    const auto& wheres = program->conditions_->conditions();
    for (size_t i = 0; i < wheres.size(); ++i) {
      RefuseWhatIsNotInSight(wheres[i].footprint(), context, i, options.error_mode, errors);
    }
  }
  if (!errors.empty()) return errors;
  return std::shared_ptr<const StatementsProgram>(std::move(program));
}

TransformHooks StatementsProgram::hooks() const {
  ContextSet reads = statements_.footprint().contexts_read;
  if (conditions_.has_value()) reads.Add(conditions_->footprint().contexts_read);
  return HooksFor(statements_.context(), reads);
}

RowVerdict StatementsProgram::Run(RowSubject& subject, ottl::Arena& arena,
                                  const TransformReport& report) const {
  if (conditions_.has_value()) {
    const auto holds = conditions_->AnyHolds(subject, arena, error_mode_, Reporter(report));
    if (!holds.ok()) {
      Tell(report, holds.status());
      return RowVerdict::kDrop;
    }
    if (!*holds) return RowVerdict::kKeep;
  }
  const absl::Status status = statements_.Execute(subject, arena, error_mode_, Reporter(report));
  if (!status.ok()) {
    Tell(report, status);
    return RowVerdict::kDrop;
  }
  return subject.changed() ? RowVerdict::kChanged : RowVerdict::kKeep;
}

template class OttlStep<FilterProgram>;
template class OttlStep<StatementsProgram>;

}  // namespace flameway
