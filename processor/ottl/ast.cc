// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/ast.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_join.h"
#include "processor/ottl/number_text.h"
#include "processor/ottl/string_literal.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

void Append(const Expr& expr, std::string& out);

void AppendKeys(const std::vector<Expr>& children, size_t count, std::string& out) {
  for (size_t i = 0; i < count; ++i) {
    out += '[';
    Append(children[i], out);
    out += ']';
  }
}

// Operands of not and of arithmetic in parentheses, unless they are one word of the grammar.
void AppendOperand(const Expr& expr, std::string& out) {
  switch (expr.kind) {
    case ExprKind::kArithmetic:
    case ExprKind::kNegate:
    case ExprKind::kCompare:
    case ExprKind::kNot:
    case ExprKind::kAnd:
    case ExprKind::kOr:
      out += '(';
      Append(expr, out);
      out += ')';
      break;
    default:
      Append(expr, out);
  }
}

// "and" binds tighter than "or", so each stands bare where it is an operand of neither.
void AppendJoined(const Expr& expr, std::string_view joiner, std::string& out) {
  for (size_t i = 0; i < expr.children.size(); ++i) {
    if (i > 0) out += joiner;
    const Expr& child = expr.children[i];
    if (child.kind == ExprKind::kAnd || child.kind == ExprKind::kOr) {
      AppendOperand(child, out);
    } else {
      Append(child, out);
    }
  }
}

void AppendCall(const Expr& expr, std::string& out) {
  AppendTexts(out, expr.text, "(");
  for (size_t i = 0; i < expr.names.size(); ++i) {
    if (i > 0) out += ", ";
    if (!expr.names[i].empty()) AppendTexts(out, expr.names[i], "=");
    Append(expr.children[expr.key_count + i], out);
  }
  out += ')';
  AppendKeys(expr.children, expr.key_count, out);
}

// A decimal point is what makes it a double.
void AppendDouble(double real, std::string& out) {
  std::string text = ShortestDouble(real);
  if (text.find('.') == std::string::npos) {
    text.insert(std::min(text.find('e'), text.size()), ".0");
  }
  out += text;
}

void Append(const Expr& expr, std::string& out) {
  static constexpr std::string_view kComparisons[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
  switch (expr.kind) {
    case ExprKind::kNil:
      out += "nil";
      break;
    case ExprKind::kBool:
      out += expr.number != 0 ? "true" : "false";
      break;
    case ExprKind::kInt:
      AppendTexts(out, expr.number);
      break;
    case ExprKind::kDouble:
      AppendDouble(expr.real, out);
      break;
    case ExprKind::kString:
      out += Quote(expr.text);
      break;
    case ExprKind::kBytes:
      AppendTexts(out, "0x", HexText(expr.text));
      break;
    case ExprKind::kEnum:
      out += expr.text;
      break;
    case ExprKind::kList:
    case ExprKind::kMap: {
      const bool is_map = expr.kind == ExprKind::kMap;
      out += is_map ? '{' : '[';
      for (size_t i = 0; i < expr.children.size(); ++i) {
        if (i > 0) out += ", ";
        if (is_map) AppendTexts(out, Quote(expr.names[i]), ": ");
        Append(expr.children[i], out);
      }
      out += is_map ? '}' : ']';
      break;
    }
    case ExprKind::kPath:
      out += absl::StrJoin(expr.names, ".");
      AppendKeys(expr.children, expr.children.size(), out);
      break;
    case ExprKind::kCall:
      AppendCall(expr, out);
      break;
    case ExprKind::kNegate:
      out += '-';
      AppendOperand(expr.children[0], out);
      break;
    case ExprKind::kArithmetic:
      for (size_t i = 0; i < expr.children.size(); ++i) {
        if (i > 0) AppendTexts(out, " ", expr.operators.substr(i - 1, 1), " ");
        AppendOperand(expr.children[i], out);
      }
      break;
    case ExprKind::kCompare:
      Append(expr.children[0], out);
      out += kComparisons[static_cast<size_t>(expr.comparison)];
      Append(expr.children[1], out);
      break;
    case ExprKind::kNot:
      out += "not ";
      AppendOperand(expr.children[0], out);
      break;
    case ExprKind::kAnd:
      AppendJoined(expr, " and ", out);
      break;
    case ExprKind::kOr:
      AppendJoined(expr, " or ", out);
      break;
  }
}

}  // namespace

bool SameSource(const Expr& a, const Expr& b) {
  return a.kind == b.kind && a.comparison == b.comparison && a.key_count == b.key_count &&
         a.number == b.number &&
         std::bit_cast<uint64_t>(a.real) == std::bit_cast<uint64_t>(b.real) && a.text == b.text &&
         a.operators == b.operators && a.names == b.names &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    SameSource);
}

std::string ToSource(const Expr& expr) {
  std::string out;
  Append(expr, out);
  return out;
}

std::string ToSource(const ParsedStatement& statement) {
  std::string out = ToSource(statement.call);
  if (statement.where) AppendTexts(out, " where ", ToSource(*statement.where));
  return out;
}

}  // namespace flameway::ottl
