// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "processor/ottl/ast.h"
#include "processor/ottl/function.h"
#include "processor/ottl/program.h"

namespace flameway::ottl {

// Gives names their meaning: paths, functions, patterns, literals. Whatever cannot mean anything is
// an error with its place; the walk goes on, so one text yields all of its errors. One use.
class Compiler {
 public:
  // `text` is what was parsed; errors are appended to `errors`. Both outlive the compiler.
  Compiler(std::string_view text, Context context, const CompileOptions& options,
           ParseErrors& errors);

  // Of no use when errors were appended.
  [[nodiscard]] Condition CompileCondition(const Expr& expr);
  [[nodiscard]] Statement CompileStatement(const ParsedStatement& statement);

 private:
  NodePtr Boolean(const Expr& expr);
  NodePtr CompareOperand(const Expr& expr);
  NodePtr CompileValue(const Expr& expr);
  NodePtr List(const Expr& expr);
  NodePtr Map(const Expr& expr);
  NodePtr Negate(const Expr& expr);
  NodePtr Converter(const Expr& expr);
  NodePtr Call(const Expr& expr, const Function& function);
  NodePtr Argument(const Expr& expr, const Parameter& parameter, std::optional<Pattern>& pattern);
  NodePtr Target(const Expr& expr, ParameterType type);
  NodePtr PatternArgument(const Expr& expr, ParameterType type, std::optional<Pattern>& pattern);
  NodePtr StringsArgument(const Expr& expr, ParameterType type);
  NodePtr LiteralArgument(const Expr& expr, ParameterType type);
  NodePtr Path(const Expr& expr);
  std::optional<PathId> Resolve(const Expr& expr);
  std::vector<NodePtr> Keys(const Expr& expr, PathId path);
  void RefuseMapsInLists(const Expr& expr, std::string_view why);

  NodePtr Fail(const Expr& at, std::string message);
  NodePtr Literal(Value value);
  static PathUse UseOf(const Expr& expr, PathId path);

  std::string_view text_;
  Context context_;
  const CompileOptions& options_;
  ParseErrors& errors_;
  std::unique_ptr<Arena> literals_ = std::make_unique<Arena>();
  Footprint footprint_;
};

}  // namespace flameway::ottl
