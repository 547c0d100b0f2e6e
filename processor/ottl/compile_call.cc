// SPDX-License-Identifier: Apache-2.0
// The calls of a Compiler: which argument is which parameter, and whether it can be.
#include <utility>

#include "processor/ottl/compiler.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

const Value* LiteralOf(const NodePtr& node) { return node == nullptr ? nullptr : node->literal(); }

std::string Expected(std::string_view what, const Value& found) {
  return Text("expected ", what, ", got ", KindName(found.kind()));
}

// The parameter an argument is for, by its place or its name.
const Parameter* ParameterOf(const Function& function, size_t place, std::string_view name) {
  if (name.empty()) {
    return place < function.parameters.size() ? &function.parameters[place] : nullptr;
  }
  for (const Parameter& parameter : function.parameters) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

std::string NoSuchArgument(const Function& function, std::string_view name) {
  if (name.empty()) {
    return Text("\"", function.name, "\" takes at most ", function.parameters.size(), " arguments");
  }
  std::vector<std::string_view> names;
  for (const Parameter& parameter : function.parameters) names.push_back(parameter.name);
  return Text("\"", function.name, "\" has no argument \"", name, "\"",
              DidYouMean(NearestName(name, names)));
}

}  // namespace

NodePtr Compiler::Call(const Expr& expr, const Function& function) {
  const size_t errors_before = errors_.size();
  std::vector<NodePtr> arguments(function.parameters.size());
  std::vector<std::optional<Pattern>> patterns(function.parameters.size());
  std::vector<bool> given(function.parameters.size());
  bool named = false;
  for (size_t i = 0; i < expr.names.size(); ++i) {
    const Expr& argument = expr.children[expr.key_count + i];
    if (named && expr.names[i].empty()) {
      Fail(argument, "an argument without a name follows one with a name");
      continue;
    }
    named = !expr.names[i].empty();
    const Parameter* parameter = ParameterOf(function, i, expr.names[i]);
    if (parameter == nullptr) {
      Fail(argument, NoSuchArgument(function, expr.names[i]));
      continue;
    }
    const auto index = static_cast<size_t>(parameter - function.parameters.data());
    if (given[index]) {
      Fail(argument, Text("argument \"", parameter->name, "\" is given twice"));
      continue;
    }
    given[index] = true;
    arguments[index] = Argument(argument, *parameter, patterns[index]);
  }
  // An argument in the wrong place leaves another one missing; that is told only once.
  for (size_t i = 0; i < given.size() && errors_.size() == errors_before; ++i) {
    if (given[i] || function.parameters[i].presence == Presence::kOptional) continue;
    Fail(expr,
         Text("\"", function.name, "\" needs its argument \"", function.parameters[i].name, "\""));
  }
  if (errors_.size() != errors_before) return nullptr;
  if (function.check != nullptr) {
    const absl::Status status = function.check(arguments);
    if (!status.ok()) {
      return Fail(expr, Text("\"", function.name, "\": ", status.message()));
    }
  }
  return std::make_unique<CallNode>(function, std::move(arguments), std::move(patterns));
}

NodePtr Compiler::Argument(const Expr& expr, const Parameter& parameter,
                           std::optional<Pattern>& pattern) {
  switch (parameter.type) {
    case ParameterType::kAssigned:
    case ParameterType::kTarget:
    case ParameterType::kTargetMap:
      return Target(expr, parameter.type);
    case ParameterType::kRegex:
    case ParameterType::kGlob:
      return PatternArgument(expr, parameter.type, pattern);
    case ParameterType::kStringLikes:
    case ParameterType::kStrings:
    case ParameterType::kLiteralStrings:
      return StringsArgument(expr, parameter.type);
    case ParameterType::kLiteralInt:
    case ParameterType::kLiteralString:
    case ParameterType::kLiteralBool:
      return LiteralArgument(expr, parameter.type);
    case ParameterType::kUnsupported:
      return Fail(expr, Text("argument \"", parameter.name, "\" is not supported"));
    default:
      break;
  }
  if (parameter.type == ParameterType::kStringLike) {
    RefuseMapsInLists(expr, "the Collector writes it as {}");
  }
  NodePtr node = CompileValue(expr);
  const Value* literal = LiteralOf(node);
  if (literal == nullptr) return node;
  absl::Status status;
  switch (parameter.type) {
    case ParameterType::kString:
    case ParameterType::kReplacement:
      if (literal->kind() != Kind::kString) return Fail(expr, Expected("a string", *literal));
      if (parameter.type == ParameterType::kReplacement) status = CheckReplacement(literal->text());
      break;
    case ParameterType::kInt:
      if (literal->kind() != Kind::kInt) return Fail(expr, Expected("an int", *literal));
      break;
    case ParameterType::kMap:
      if (literal->kind() != Kind::kMap) return Fail(expr, Expected("a map", *literal));
      break;
    case ParameterType::kIntLike:
      status = AsInt(*literal).status();
      break;
    case ParameterType::kDoubleLike:
      status = AsDouble(*literal).status();
      break;
    default:
      break;
  }
  if (!status.ok()) return Fail(expr, std::string(status.message()));
  return node;
}

NodePtr Compiler::Target(const Expr& expr, ParameterType type) {
  if (expr.kind != ExprKind::kPath) {
    return Fail(expr, "expected a path, which is what an editor changes");
  }
  const std::optional<PathId> path = Resolve(expr);
  if (!path) return nullptr;
  const PathTraits& traits = TraitsOf(*path);
  if (traits.access == PathAccess::kReadOnly) {
    return Fail(expr, Text("\"", traits.text, "\" is read-only"));
  }
  if (context_ == Context::kFrame && traits.context != Context::kFrame) {
    return Fail(expr, Text("a statement for each frame cannot change \"", traits.text,
                           "\": the last frame would win"));
  }
  if (type == ParameterType::kTargetMap && traits.type != PathType::kMap) {
    return Fail(expr, Text("\"", traits.text, "\" is no map"));
  }
  footprint_.Write(UseOf(expr, *path));
  // Setting below a key keeps what is beside it, so that is read.
  if (type != ParameterType::kAssigned || expr.children.size() > 1) {
    footprint_.Read(UseOf(expr, *path));
  }
  return std::make_unique<PathNode>(*path, Keys(expr, *path));
}

NodePtr Compiler::PatternArgument(const Expr& expr, ParameterType type,
                                  std::optional<Pattern>& pattern) {
  if (expr.kind != ExprKind::kString) {
    return Fail(expr, "a pattern is written out as a string, so that it is compiled once");
  }
  auto compiled =
      type == ParameterType::kRegex ? Pattern::Create(expr.text) : Pattern::CreateGlob(expr.text);
  if (!compiled.ok()) return Fail(expr, std::string(compiled.status().message()));
  pattern = *std::move(compiled);
  return CompileValue(expr);
}

NodePtr Compiler::StringsArgument(const Expr& expr, ParameterType type) {
  if (type == ParameterType::kStringLikes && expr.kind != ExprKind::kList) {
    NodePtr node = CompileValue(expr);
    const Value* literal = LiteralOf(node);
    if (literal != nullptr && !literal->is_nil()) return Fail(expr, Expected("a list", *literal));
    return std::make_unique<PlainTextsNode>(std::move(node));
  }
  if (expr.kind != ExprKind::kList) return Fail(expr, "expected a list of strings, as in [\"a\"]");
  if (type == ParameterType::kStringLikes) {
    for (const Expr& child : expr.children) {
      RefuseMapsInLists(child, "the Collector writes it as {}");
    }
    return List(expr);
  }
  for (const Expr& child : expr.children) {
    const bool is_literal = child.kind != ExprKind::kPath && child.kind != ExprKind::kCall;
    if (child.kind == ExprKind::kString) continue;
    if (is_literal || type == ParameterType::kLiteralStrings) {
      Fail(child, "expected a string, written out");
    }
  }
  return List(expr);
}

NodePtr Compiler::LiteralArgument(const Expr& expr, ParameterType type) {
  NodePtr node = CompileValue(expr);
  const Value* literal = LiteralOf(node);
  const Kind kind = type == ParameterType::kLiteralInt      ? Kind::kInt
                    : type == ParameterType::kLiteralString ? Kind::kString
                                                            : Kind::kBool;
  if (literal != nullptr && literal->kind() == kind) return node;
  if (node == nullptr) return nullptr;
  return Fail(
      expr, Text("expected ", kind == Kind::kInt ? "an " : "a ", KindName(kind), ", written out"));
}

}  // namespace flameway::ottl
