// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/compiler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "processor/ottl/editors.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

// Null too where the node is missing because of an error.
const Value* LiteralOf(const NodePtr& node) { return node == nullptr ? nullptr : node->literal(); }

bool StartsLower(std::string_view name) { return name[0] >= 'a' && name[0] <= 'z'; }

}  // namespace

Compiler::Compiler(std::string_view text, Context context, const CompileOptions& options,
                   ParseErrors& errors)
    : text_(text), context_(context), options_(options), errors_(errors) {}

NodePtr Compiler::Fail(const Expr& at, std::string message) {
  errors_.push_back(ErrorAt(text_, at.offset, std::move(message)));
  return nullptr;
}

NodePtr Compiler::Literal(Value value) { return std::make_unique<LiteralNode>(value); }

Condition Compiler::CompileCondition(const Expr& expr) {
  Condition condition;
  condition.root_ = Boolean(expr);
  condition.text_ = text_;
  condition.footprint_ = std::move(footprint_);
  condition.literals_ = std::move(literals_);
  return condition;
}

Statement Compiler::CompileStatement(const ParsedStatement& parsed) {
  Statement statement;
  const Function* editor = EditorNamed(parsed.call.text);
  if (editor == nullptr) {
    Fail(parsed.call, Text("unknown editor \"", parsed.call.text, "\"",
                           DidYouMean(NearestEditor(parsed.call.text))));
  } else {
    const bool skips_nil = editor->name == "set" && options_.nil_in_set == NilInSet::kPassedOver;
    statement.editor_ = Call(parsed.call, skips_nil ? SetThatSkipsNil() : *editor);
  }
  statement.footprint_ = std::exchange(footprint_, {});
  if (parsed.where) statement.where_ = Boolean(*parsed.where);
  statement.where_footprint_ = std::move(footprint_);
  statement.footprint_.Add(statement.where_footprint_);
  statement.text_ = text_;
  statement.literals_ = std::move(literals_);
  return statement;
}

NodePtr Compiler::Boolean(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kBool:
      return Literal(Value::Bool(expr.number != 0));
    case ExprKind::kCall: {
      NodePtr call = Converter(expr);
      const Function* function = ConverterNamed(expr.text);
      if (function != nullptr && function->result != Kind::kBool) {
        return Fail(expr, Text("\"", expr.text, "\" is no condition: its result is no bool"));
      }
      return call;
    }
    case ExprKind::kCompare: {
      NodePtr left = CompareOperand(expr.children[0]);
      NodePtr right = CompareOperand(expr.children[1]);
      const Value* a = LiteralOf(left);
      const Value* b = LiteralOf(right);
      if (a != nullptr && b != nullptr)
        return Literal(Value::Bool(Compare(*a, *b, expr.comparison)));
      return std::make_unique<CompareNode>(std::move(left), expr.comparison, std::move(right));
    }
    case ExprKind::kNot: {
      NodePtr operand = Boolean(expr.children[0]);
      if (const Value* value = LiteralOf(operand)) return Literal(Value::Bool(!value->as_bool()));
      return std::make_unique<NotNode>(std::move(operand));
    }
    default:
      break;
  }
  // A literal decides a chain or drops out of it, whatever stands before it.
  const bool is_or = expr.kind == ExprKind::kOr;
  std::vector<NodePtr> operands;
  bool decided = false;
  for (const Expr& child : expr.children) {
    NodePtr operand = Boolean(child);
    const Value* value = LiteralOf(operand);
    if (value == nullptr) {
      operands.push_back(std::move(operand));
    } else if (value->as_bool() == is_or) {
      decided = true;
    }
  }
  if (decided || operands.empty()) return Literal(Value::Bool(decided == is_or));
  if (operands.size() == 1) return std::move(operands[0]);
  return std::make_unique<JoinNode>(expr.kind, std::move(operands));
}

// Lists of one type, which converters and sample columns yield, never compare equal in the
// Collector, or end it; nor do lists with a map inside that was written out.
NodePtr Compiler::CompareOperand(const Expr& expr) {
  constexpr std::string_view kWhy = "the Collector never finds it equal to anything";
  if (expr.kind == ExprKind::kCall && expr.key_count == 0) {
    const Function* function = ConverterNamed(expr.text);
    if (function != nullptr && function->result == Kind::kList) {
      return Fail(expr, Text("the list of \"", expr.text, "\" cannot be compared: ", kWhy,
                             "; compare its elements"));
    }
  }
  RefuseMapsInLists(expr, kWhy);
  NodePtr node = CompileValue(expr);
  if (expr.kind == ExprKind::kPath && node != nullptr && expr.children.empty()) {
    const std::optional<PathId> path = Resolve(expr);
    if (path && TraitsOf(*path).type == PathType::kIntList) {
      return Fail(expr, Text("\"", TraitsOf(*path).text, "\" cannot be compared: ", kWhy));
    }
  }
  return node;
}

void Compiler::RefuseMapsInLists(const Expr& expr, std::string_view why) {
  if (expr.kind != ExprKind::kList) return;
  for (const Expr& child : expr.children) {
    if (child.kind == ExprKind::kMap) {
      Fail(child, Text("a map inside a list cannot be used here: ", why));
    }
    RefuseMapsInLists(child, why);
  }
}

NodePtr Compiler::CompileValue(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNil:
      return Literal(Value());
    case ExprKind::kBool:
      return Literal(Value::Bool(expr.number != 0));
    case ExprKind::kInt:
      return Literal(Value::Int(expr.number));
    case ExprKind::kDouble:
      return Literal(Value::Double(expr.real));
    case ExprKind::kString:
      return Literal(Value::String(literals_->Copy(expr.text)));
    case ExprKind::kBytes:
      return Literal(Value::Bytes(literals_->Copy(expr.text)));
    case ExprKind::kEnum:
      return Fail(expr, Text("unknown name \"", expr.text, "\": profiles have no enumerations"));
    case ExprKind::kList:
      return List(expr);
    case ExprKind::kMap:
      return Map(expr);
    case ExprKind::kPath:
      return Path(expr);
    case ExprKind::kCall:
      return Converter(expr);
    case ExprKind::kNegate:
      return Negate(expr);
    case ExprKind::kArithmetic: {
      std::vector<NodePtr> operands;
      for (const Expr& child : expr.children) operands.push_back(CompileValue(child));
      return std::make_unique<ArithmeticNode>(std::move(operands), expr.operators);
    }
    default:
      return Boolean(expr);
  }
}

NodePtr Compiler::List(const Expr& expr) {
  std::vector<NodePtr> elements;
  bool all_literal = true;
  for (const Expr& child : expr.children) {
    elements.push_back(CompileValue(child));
    all_literal = all_literal && LiteralOf(elements.back()) != nullptr;
  }
  if (!all_literal) return std::make_unique<ListNode>(std::move(elements));
  const std::span<Value> list = literals_->NewList(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) list[i] = *elements[i]->literal();
  return Literal(Value::List(list));
}

NodePtr Compiler::Map(const Expr& expr) {
  std::vector<NodePtr> values;
  bool all_literal = true;
  for (const Expr& child : expr.children) {
    values.push_back(CompileValue(child));
    all_literal = all_literal && LiteralOf(values.back()) != nullptr;
  }
  if (!all_literal) return std::make_unique<MapNode>(expr.names, std::move(values));
  MapBuilder map(values.size(), *literals_);
  for (size_t i = 0; i < values.size(); ++i) {
    map.Put(literals_->Copy(expr.names[i]), *values[i]->literal());
  }
  return Literal(map.Map());
}

NodePtr Compiler::Negate(const Expr& expr) {
  const Expr& operand = expr.children[0];
  if (operand.kind == ExprKind::kInt) return Literal(Value::Int(-operand.number));
  if (operand.kind == ExprKind::kDouble) return Literal(Value::Double(-operand.real));
  return std::make_unique<NegateNode>(CompileValue(operand));
}

NodePtr Compiler::Converter(const Expr& expr) {
  const Function* function = ConverterNamed(expr.text);
  if (function == nullptr) {
    const std::string_view nearest = NearestConverter(expr.text);
    if (StartsLower(expr.text)) {
      return Fail(expr, Text("\"", expr.text,
                             "\" cannot be used as a value: the names of "
                             "converters start in upper case",
                             DidYouMean(nearest)));
    }
    return Fail(expr, Text("unknown converter \"", expr.text, "\"", DidYouMean(nearest)));
  }
  NodePtr call = Call(expr, *function);
  if (expr.key_count == 0) return call;
  std::vector<NodePtr> keys;
  for (size_t i = 0; i < expr.key_count; ++i) {
    const Expr& key = expr.children[i];
    keys.push_back(CompileValue(key));
    const Value* literal = LiteralOf(keys.back());
    const bool fits = literal == nullptr || literal->kind() == Kind::kInt;
    if (function->result != Kind::kList || i > 0 || !fits) {
      return Fail(key, Text("the result of \"", expr.text, "\" cannot be indexed so"));
    }
  }
  return std::make_unique<IndexNode>(std::move(call), std::move(keys));
}

PathUse Compiler::UseOf(const Expr& expr, PathId path) {
  PathUse use{path, std::nullopt};
  if (!expr.children.empty() && expr.children[0].kind == ExprKind::kString) {
    use.key = expr.children[0].text;
  }
  return use;
}

NodePtr Compiler::Path(const Expr& expr) {
  const std::optional<PathId> path = Resolve(expr);
  if (!path) return nullptr;
  footprint_.Read(UseOf(expr, *path));
  return std::make_unique<PathNode>(*path, Keys(expr, *path));
}

std::vector<NodePtr> Compiler::Keys(const Expr& expr, PathId path) {
  std::vector<NodePtr> keys;
  if (!expr.children.empty() && TraitsOf(path).type != PathType::kMap) {
    Fail(expr.children[0], Text("\"", TraitsOf(path).text, "\" cannot be indexed"));
    return keys;
  }
  for (const Expr& child : expr.children) {
    NodePtr key = CompileValue(child);
    const Value* literal = LiteralOf(key);
    if (literal != nullptr && literal->kind() != Kind::kString &&
        (keys.empty() || literal->kind() != Kind::kInt)) {
      Fail(child, Text("the key of an attribute is a string, not ", KindName(literal->kind())));
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

std::optional<PathId> Compiler::Resolve(const Expr& expr) {
  std::string text = absl::StrJoin(expr.names, ".");
  const bool names_context = expr.names.size() > 1 && ContextNamed(expr.names[0]).has_value();
  if (!names_context && options_.context && expr.names[0] != "otelcol") {
    text = Text(ContextName(*options_.context), ".", text);
  } else if (!names_context && expr.names[0] != "otelcol") {
    const std::string_view nearest = NearestPath(text);
    if (expr.names.size() == 1 && nearest.empty()) {
      Fail(expr, Text("path \"", text,
                      "\" does not say whose; it begins with resource, "
                      "scope, profile, profilesample or frame"));
    } else {
      Fail(expr, Text("path \"", text,
                      "\" begins with no known context; they are resource, "
                      "scope, profile, profilesample, frame",
                      DidYouMean(nearest)));
    }
    return std::nullopt;
  }
  const std::optional<PathId> path = PathNamed(text);
  if (path) {
    const Context context = TraitsOf(*path).context;
    if (VisibleFrom(context_).Has(context)) return path;
    Fail(expr, Text("\"", text, "\" cannot be used for each ", ContextName(context_),
                    context_ == Context::kFrame
                        ? ", whose row serves all profiles; a frame sees the resource only"
                        : ", which does not see it"));
    return std::nullopt;
  }
  std::string_view why = WhyNoPath(expr.names[0] == "otelcol" ? expr.names[0] : text);
  if (!why.empty()) {
    Fail(expr, Text("path \"", text, "\" is not supported: ", why));
    return std::nullopt;
  }
  const size_t dot = text.rfind('.');
  const std::optional<PathId> parent = PathNamed(std::string_view(text).substr(0, dot));
  if (parent && TraitsOf(*parent).type == PathType::kMap) {
    Fail(expr, Text("unknown path \"", text, "\"; a key is written ", TraitsOf(*parent).text, "[\"",
                    text.substr(dot + 1), "\"]"));
  } else {
    Fail(expr, Text("unknown path \"", text, "\"", DidYouMean(NearestPath(text))));
  }
  return std::nullopt;
}

}  // namespace flameway::ottl
