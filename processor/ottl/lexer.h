// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "processor/ottl/parse_error.h"

namespace flameway::ottl {

enum class TokenKind : uint8_t {
  kEnd,
  kBytes,   // 0x0a1b
  kDouble,  // 1.5 .5 1. 1.5e-3; signs are operators
  kInt,     // 15
  kString,  // "..." still with its escapes
  kName,    // letter, then letters, digits, underscores; keywords are names of their own kinds
  kNil,
  kTrue,
  kFalse,
  kNot,
  kAnd,
  kOr,
  kCompare,  // == != < <= > >=
  kPlus,
  kMinus,
  kTimes,
  kDivide,
  kAssign,  // = of a named argument
  kArrow,   // => of a lambda, which is refused
  kOpenParen,
  kCloseParen,
  kOpenBracket,
  kCloseBracket,
  kOpenBrace,
  kCloseBrace,
  kComma,
  kColon,
  kDot,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  uint32_t offset = 0;    // byte in the text
  std::string_view text;  // view of the text
};

// The longest text that is read. A configuration has lines, not books.
inline constexpr size_t kMaxTextBytes = 64 * 1024;

// All tokens and a kEnd. Keywords are lower case only. Linear; no recursion.
[[nodiscard]] std::variant<std::vector<Token>, ParseError> Tokenize(std::string_view text);

}  // namespace flameway::ottl
