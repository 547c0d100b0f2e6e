// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "processor/ottl/value.h"

namespace flameway::ottl {

enum class ExprKind : uint8_t {
  kNil,
  kBool,        // number
  kInt,         // number
  kDouble,      // real
  kString,      // text, escapes resolved
  kBytes,       // text
  kEnum,        // text; no profile context knows any
  kList,        // children
  kMap,         // names[i] -> children[i]
  kPath,        // names are the segments; children the keys after the last one
  kCall,        // text is the function; the first key_count children index the result, then the
                // arguments follow, each named by names[i] or not
  kNegate,      // children[0]
  kArithmetic,  // children joined by operators, left to right, all of one precedence
  kCompare,     // children[0] comparison children[1]
  kNot,         // children[0]
  kAnd,         // children
  kOr,          // children
};

// One node of what was written; knows no meaning yet. Depth is bounded by the parser
// (kMaxNesting), so recursion over it is.
struct Expr {
  ExprKind kind = ExprKind::kNil;
  Comparison comparison = Comparison::kEqual;
  uint32_t offset = 0;  // byte in the text
  uint32_t key_count = 0;
  int64_t number = 0;
  double real = 0;
  std::string text;
  std::string operators;  // of kArithmetic: one of "+-*/" before each child but the first
  std::vector<std::string> names;
  std::vector<Expr> children;
};

struct ParsedStatement {
  Expr call;
  std::optional<Expr> where;
};

// Equal as written, offsets aside.
[[nodiscard]] bool SameSource(const Expr& a, const Expr& b);

// Text that parses into the same tree; one spelling for each.
[[nodiscard]] std::string ToSource(const Expr& expr);
[[nodiscard]] std::string ToSource(const ParsedStatement& statement);

}  // namespace flameway::ottl
