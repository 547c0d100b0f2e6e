// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/lexer.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }
bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool IsNameByte(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }

size_t DigitsAt(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return end - at;
}

// The length of the number at the start of `text`, and which kind.
std::pair<size_t, TokenKind> Number(std::string_view text) {
  if (text.size() > 2 && text[0] == '0' && text[1] == 'x' && IsHexDigit(text[2])) {
    size_t end = 2;
    while (end < text.size() && IsHexDigit(text[end])) ++end;
    return {end, TokenKind::kBytes};
  }
  size_t end = DigitsAt(text, 0);
  if (end >= text.size() || text[end] != '.') return {end, TokenKind::kInt};
  end += 1 + DigitsAt(text, end + 1);
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    if (const size_t digits = DigitsAt(text, exponent); digits > 0) end = exponent + digits;
  }
  return {end, TokenKind::kDouble};
}

// The length of the string at the start of `text` with its quotes; 0 when it does not end. A
// backslash takes the next byte along, unless that is a line feed.
size_t StringLength(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\' && (++i >= text.size() || text[i] == '\n')) return 0;
  }
  return 0;
}

TokenKind NameKind(std::string_view name) {
  if (name == "nil") return TokenKind::kNil;
  if (name == "true") return TokenKind::kTrue;
  if (name == "false") return TokenKind::kFalse;
  if (name == "not") return TokenKind::kNot;
  if (name == "and") return TokenKind::kAnd;
  if (name == "or") return TokenKind::kOr;
  return TokenKind::kName;
}

std::pair<size_t, TokenKind> Punctuation(std::string_view text) {
  const char next = text.size() > 1 ? text[1] : '\0';
  switch (text[0]) {
    case '=':
      if (next == '=') return {2, TokenKind::kCompare};
      if (next == '>') return {2, TokenKind::kArrow};
      return {1, TokenKind::kAssign};
    case '!':
      return {next == '=' ? 2 : 0, TokenKind::kCompare};
    case '<':
    case '>':
      return {next == '=' ? 2 : 1, TokenKind::kCompare};
    case '+':
      return {1, TokenKind::kPlus};
    case '-':
      return {1, TokenKind::kMinus};
    case '*':
      return {1, TokenKind::kTimes};
    case '/':
      return {1, TokenKind::kDivide};
    case '(':
      return {1, TokenKind::kOpenParen};
    case ')':
      return {1, TokenKind::kCloseParen};
    case '[':
      return {1, TokenKind::kOpenBracket};
    case ']':
      return {1, TokenKind::kCloseBracket};
    case '{':
      return {1, TokenKind::kOpenBrace};
    case '}':
      return {1, TokenKind::kCloseBrace};
    case ',':
      return {1, TokenKind::kComma};
    case ':':
      return {1, TokenKind::kColon};
    case '.':
      return {1, TokenKind::kDot};
    default:
      return {0, TokenKind::kEnd};
  }
}

std::string Unexpected(std::string_view rest) {
  switch (rest[0]) {
    case '"':
      return "this string does not end; inside it, a quote is written \\\"";
    case '\'':
      return "strings are written in double quotes";
    case '!':
      return "unexpected '!'; negation is written not";
    case '&':
      return "unexpected '&'; conjunction is written and";
    case '|':
      return "unexpected '|'; disjunction is written or";
    default:
      return Text("unexpected character '", Printable(rest, 1), "'");
  }
}

}  // namespace

std::variant<std::vector<Token>, ParseError> Tokenize(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return ErrorAt(text, kMaxTextBytes, Text("longer than ", kMaxTextBytes, " bytes"));
  }
  std::vector<Token> tokens;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const char c = rest[0];
    if (absl::ascii_isspace(static_cast<unsigned char>(c)) && c != '\v') {
      ++at;
      continue;
    }
    std::pair<size_t, TokenKind> found;
    if (IsDigit(c) || (c == '.' && rest.size() > 1 && IsDigit(rest[1]))) {
      found = Number(rest);
    } else if (c == '"') {
      found = {StringLength(rest), TokenKind::kString};
    } else if (IsLetter(c)) {
      size_t end = 1;
      while (end < rest.size() && IsNameByte(rest[end])) ++end;
      found = {end, NameKind(rest.substr(0, end))};
    } else {
      found = Punctuation(rest);
    }
    if (found.first == 0) return ErrorAt(text, at, Unexpected(rest));
    tokens.push_back({.kind = found.second,
                      .offset = static_cast<uint32_t>(at),
                      .text = rest.substr(0, found.first)});
    at += found.first;
  }
  tokens.push_back({.kind = TokenKind::kEnd, .offset = static_cast<uint32_t>(text.size())});
  return tokens;
}

}  // namespace flameway::ottl
