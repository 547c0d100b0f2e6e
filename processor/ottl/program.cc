// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/program.h"

#include <utility>

#include "processor/ottl/compiler.h"
#include "processor/ottl/parser.h"

namespace flameway::ottl {
namespace {

// Parses with `parse`, which answers a tree or an error, and keeps both apart.
template <typename Tree, typename Parse>
std::vector<std::optional<Tree>> ParseAll(std::span<const std::string> texts, Parse parse,
                                          ParseErrors& errors) {
  std::vector<std::optional<Tree>> trees;
  for (size_t i = 0; i < texts.size(); ++i) {
    auto result = parse(texts[i]);
    if (auto* error = std::get_if<ParseError>(&result)) {
      error->statement = i;
      errors.push_back(std::move(*error));
      trees.emplace_back();
    } else {
      trees.push_back(std::get<Tree>(std::move(result)));
    }
  }
  return trees;
}

void SetStatement(size_t index, size_t since, ParseErrors& errors) {
  for (size_t i = since; i < errors.size(); ++i) errors[i].statement = index;
}

void Innermost(const Expr& expr, std::optional<Context>& found) {
  if (expr.kind == ExprKind::kPath && expr.names.size() > 1) {
    const std::optional<Context> context = ContextNamed(expr.names[0]);
    if (context && (!found || *found < *context)) found = context;
  }
  for (const Expr& child : expr.children) Innermost(child, found);
}

void Innermost(const ParsedStatement& statement, std::optional<Context>& found) {
  Innermost(statement.call, found);
  if (statement.where) Innermost(*statement.where, found);
}

template <typename Tree>
Context ContextOf(const std::vector<std::optional<Tree>>& trees, const CompileOptions& options) {
  std::optional<Context> found = options.context;
  if (!found) {
    for (const auto& tree : trees) {
      if (tree) Innermost(*tree, found);
    }
  }
  return found.value_or(Context::kResource);
}

}  // namespace

std::optional<ErrorMode> ErrorModeNamed(std::string_view name) {
  if (name == "ignore") return ErrorMode::kIgnore;
  if (name == "silent") return ErrorMode::kSilent;
  if (name == "propagate") return ErrorMode::kPropagate;
  return std::nullopt;
}

absl::StatusOr<bool> Condition::Holds(const Subject& subject, Arena& arena) const {
  Evaluation evaluation{subject, nullptr, arena};
  const auto value = root_->Eval(evaluation);
  if (!value.ok()) return value.status();
  return value->as_bool();
}

absl::StatusOr<bool> Statement::Execute(Subject& subject, Arena& arena) const {
  Evaluation evaluation{subject, &subject, arena};
  if (where_ != nullptr) {
    const auto holds = where_->Eval(evaluation);
    if (!holds.ok()) return holds.status();
    if (!holds->as_bool()) return false;
  }
  const auto done = editor_->Eval(evaluation);
  if (!done.ok()) return done.status();
  return true;
}

std::variant<ConditionList, ParseErrors> ConditionList::Compile(std::span<const std::string> texts,
                                                                const CompileOptions& options) {
  ParseErrors errors;
  const auto trees = ParseAll<Expr>(texts, ParseCondition, errors);
  ConditionList list;
  list.context_ = ContextOf(trees, options);
  for (size_t i = 0; i < trees.size(); ++i) {
    if (!trees[i]) continue;
    const size_t since = errors.size();
    Condition condition =
        Compiler(texts[i], list.context_, options, errors).CompileCondition(*trees[i]);
    SetStatement(i, since, errors);
    list.footprint_.Add(condition.footprint());
    list.conditions_.push_back(std::move(condition));
  }
  if (!errors.empty()) return errors;
  return list;
}

absl::StatusOr<bool> ConditionList::AnyHolds(const Subject& subject, Arena& arena, ErrorMode mode,
                                             FailureReport report) const {
  for (size_t i = 0; i < conditions_.size(); ++i) {
    const auto holds = conditions_[i].Holds(subject, arena);
    if (holds.ok()) {
      if (*holds) return true;
      continue;
    }
    if (mode == ErrorMode::kPropagate) return holds.status();
    if (mode == ErrorMode::kIgnore) report(i, holds.status());
  }
  return false;
}

std::variant<StatementList, ParseErrors> StatementList::Compile(std::span<const std::string> texts,
                                                                const CompileOptions& options) {
  ParseErrors errors;
  const auto trees = ParseAll<ParsedStatement>(texts, ParseStatement, errors);
  StatementList list;
  list.context_ = ContextOf(trees, options);
  for (size_t i = 0; i < trees.size(); ++i) {
    if (!trees[i]) continue;
    const size_t since = errors.size();
    Statement statement =
        Compiler(texts[i], list.context_, options, errors).CompileStatement(*trees[i]);
    SetStatement(i, since, errors);
    list.footprint_.Add(statement.footprint());
    list.statements_.push_back(std::move(statement));
  }
  if (!errors.empty()) return errors;
  return list;
}

absl::Status StatementList::Execute(Subject& subject, Arena& arena, ErrorMode mode,
                                    FailureReport report) const {
  for (size_t i = 0; i < statements_.size(); ++i) {
    const auto executed = statements_[i].Execute(subject, arena);
    if (executed.ok()) continue;
    if (mode == ErrorMode::kPropagate) return executed.status();
    if (mode == ErrorMode::kIgnore) report(i, executed.status());
  }
  return absl::OkStatus();
}

std::optional<Context> InnermostContext(std::span<const std::string> conditions,
                                        std::span<const std::string> statements) {
  std::optional<Context> found;
  ParseErrors ignored;
  for (const auto& tree : ParseAll<Expr>(conditions, ParseCondition, ignored)) {
    if (tree) Innermost(*tree, found);
  }
  for (const auto& tree : ParseAll<ParsedStatement>(statements, ParseStatement, ignored)) {
    if (tree) Innermost(*tree, found);
  }
  return found;
}

}  // namespace flameway::ottl
