// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/parser.h"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "processor/ottl/lexer.h"
#include "processor/ottl/string_literal.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

bool HasLetter(std::string_view name, bool (*is)(char)) {
  for (const char c : name) {
    if (is(c)) return true;
  }
  return false;
}

// Path segments and argument names; "aB" is a function's name only.
bool IsLowercaseName(std::string_view name) { return !HasLetter(name, IsUpper); }

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)), closes_(tokens_.size()) {
    std::vector<uint32_t> open;
    for (uint32_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].kind == TokenKind::kOpenParen) open.push_back(i);
      if (tokens_[i].kind == TokenKind::kCloseParen && !open.empty()) {
        closes_[open.back()] = i;
        open.pop_back();
      }
    }
  }

  // Each returns false when error_ is set.
  bool Condition(Expr& out) { return Joined(TokenKind::kOr, out); }
  bool Statement(ParsedStatement& out);
  bool AtEnd();
  ParseError TakeError() { return std::move(error_); }

 private:
  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
  }
  bool Is(TokenKind kind) const { return Peek().kind == kind; }
  bool Take(TokenKind kind) {
    if (!Is(kind)) return false;
    ++position_;
    return true;
  }
  bool Fail(size_t offset, std::string message) {
    error_ = ErrorAt(text_, offset, std::move(message));
    return false;
  }
  bool Expect(TokenKind kind, std::string_view what) {
    return Take(kind) || Fail(Peek().offset, Text("expected ", what, ", found ", Found()));
  }
  std::string Found() const;
  bool Enter(const Token& at) {
    return ++depth_ <= kMaxNesting ||
           Fail(at.offset, Text("nested deeper than ", kMaxNesting, " levels"));
  }
  bool Leave() {
    --depth_;
    return true;
  }
  Expr Start(ExprKind kind) const {
    Expr expr;
    expr.kind = kind;
    expr.offset = Peek().offset;
    return expr;
  }

  bool Joined(TokenKind joiner, Expr& out);
  bool Boolean(Expr& out);
  bool BooleanOperand(Expr& out);
  bool OpensSum() const;
  bool ParseValue(Expr& out);
  bool Arithmetic(TokenKind first, TokenKind second, Expr& out);
  bool Operand(Expr& out);
  bool Atom(Expr& out);
  bool Number(Expr& out);
  bool String(std::string& out);
  bool Bytes(Expr& out);
  bool Call(Expr& out);
  bool Argument(Expr& call);
  bool Path(Expr& out);
  bool Keys(std::vector<Expr>& out);
  bool List(Expr& out);
  bool Map(Expr& out);

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<uint32_t> closes_;  // of a token "(": the token that closes it; 0 is none
  size_t position_ = 0;
  uint32_t depth_ = 0;
  ParseError error_;
};

std::string Parser::Found() const {
  const Token& token = Peek();
  if (token.kind == TokenKind::kEnd) return "the end";
  if (token.kind == TokenKind::kArrow) return "\"=>\" (lambda expressions are not supported)";
  return Text("\"", Printable(token.text, 40), "\"");
}

bool Parser::AtEnd() {
  if (Is(TokenKind::kEnd)) return true;
  std::string message = Text("unexpected ", Found());
  if (Is(TokenKind::kName) && (Peek().text == "AND" || Peek().text == "OR")) {
    message += "; and, or, not are lower case";
  }
  return Fail(Peek().offset, std::move(message));
}

// Operands joined by "or", each of operands joined by "and".
bool Parser::Joined(TokenKind joiner, Expr& out) {
  const bool is_or = joiner == TokenKind::kOr;
  const auto operand = [&](Expr& into) {
    return is_or ? Joined(TokenKind::kAnd, into) : Boolean(into);
  };
  Expr first;
  if (!operand(first)) return false;
  if (!Is(joiner)) {
    out = std::move(first);
    return true;
  }
  out = Expr{.kind = is_or ? ExprKind::kOr : ExprKind::kAnd, .offset = first.offset};
  out.children.push_back(std::move(first));
  while (Take(joiner)) {
    if (!operand(out.children.emplace_back())) return false;
  }
  return true;
}

bool Parser::Boolean(Expr& out) {
  if (!Is(TokenKind::kNot)) return BooleanOperand(out);
  out = Start(ExprKind::kNot);
  ++position_;
  return BooleanOperand(out.children.emplace_back());
}

// Whether the "(" here belongs to a number that is compared, not to a condition: what follows its
// end tells, so nothing is parsed twice.
bool Parser::OpensSum() const {
  const uint32_t close = closes_[position_];
  if (close == 0) return false;
  switch (tokens_[close + 1].kind) {
    case TokenKind::kCompare:
    case TokenKind::kPlus:
    case TokenKind::kMinus:
    case TokenKind::kTimes:
    case TokenKind::kDivide:
      return true;
    default:
      return false;
  }
}

bool Parser::BooleanOperand(Expr& out) {
  if (Is(TokenKind::kOpenParen) && !OpensSum()) {
    if (!Enter(Peek())) return false;
    ++position_;
    return Condition(out) && Expect(TokenKind::kCloseParen, "\")\"") && Leave();
  }
  Expr left;
  const uint32_t offset = Peek().offset;
  if (!ParseValue(left)) return false;
  if (!Is(TokenKind::kCompare)) {
    if (left.kind != ExprKind::kBool && left.kind != ExprKind::kCall) {
      return Fail(Peek().offset, Text("expected a comparison (== != < <= > >=), found ", Found()));
    }
    out = std::move(left);
    return true;
  }
  static constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
      {"==", Comparison::kEqual},  {"!=", Comparison::kNotEqual},
      {"<", Comparison::kLess},    {"<=", Comparison::kLessOrEqual},
      {">", Comparison::kGreater}, {">=", Comparison::kGreaterOrEqual}};
  out = Expr{.kind = ExprKind::kCompare, .offset = offset};
  for (const auto& [text, comparison] : kComparisons) {
    if (Peek().text == text) out.comparison = comparison;
  }
  ++position_;
  out.children.push_back(std::move(left));
  return ParseValue(out.children.emplace_back());
}

bool Parser::ParseValue(Expr& out) {
  switch (Peek().kind) {
    case TokenKind::kNil:
      out = Start(ExprKind::kNil);
      ++position_;
      return true;
    case TokenKind::kTrue:
    case TokenKind::kFalse:
      out = Start(ExprKind::kBool);
      out.number = Is(TokenKind::kTrue) ? 1 : 0;
      ++position_;
      return true;
    case TokenKind::kString:
      out = Start(ExprKind::kString);
      return String(out.text);
    case TokenKind::kBytes:
      return Bytes(out);
    case TokenKind::kOpenBracket:
      return List(out);
    case TokenKind::kOpenBrace:
      return Map(out);
    default:
      return Arithmetic(TokenKind::kPlus, TokenKind::kMinus, out);
  }
}

// A sum of products; with kTimes and kDivide, a product of operands.
bool Parser::Arithmetic(TokenKind first, TokenKind second, Expr& out) {
  const auto operand = [&](Expr& into) {
    return first == TokenKind::kPlus ? Arithmetic(TokenKind::kTimes, TokenKind::kDivide, into)
                                     : Operand(into);
  };
  Expr left;
  if (!operand(left)) return false;
  if (!Is(first) && !Is(second)) {
    out = std::move(left);
    return true;
  }
  out = Expr{.kind = ExprKind::kArithmetic, .offset = left.offset};
  out.children.push_back(std::move(left));
  while (Is(first) || Is(second)) {
    out.operators += Peek().text;
    ++position_;
    if (!operand(out.children.emplace_back())) return false;
  }
  return true;
}

bool Parser::Operand(Expr& out) {
  if (Take(TokenKind::kPlus)) return Atom(out);
  if (!Is(TokenKind::kMinus)) return Atom(out);
  out = Start(ExprKind::kNegate);
  ++position_;
  return Atom(out.children.emplace_back());
}

bool Parser::Atom(Expr& out) {
  switch (Peek().kind) {
    case TokenKind::kOpenParen:
      if (!Enter(Peek())) return false;
      ++position_;
      return Arithmetic(TokenKind::kPlus, TokenKind::kMinus, out) &&
             Expect(TokenKind::kCloseParen, "\")\"") && Leave();
    case TokenKind::kInt:
    case TokenKind::kDouble:
      return Number(out);
    case TokenKind::kName:
      if (Peek(1).kind == TokenKind::kOpenParen) return Call(out);
      if (IsLowercaseName(Peek().text)) return Path(out);
      if (!HasLetter(Peek().text, IsLower)) {
        out = Start(ExprKind::kEnum);
        out.text = Peek().text;
        ++position_;
        return true;
      }
      return Fail(Peek().offset, Text("expected a value, found the name ", Found(),
                                      "; a function is called with (...), a path is "
                                      "lower case"));
    default:
      return Fail(Peek().offset, Text("expected a value, found ", Found()));
  }
}

bool Parser::Number(Expr& out) {
  const Token& token = Peek();
  const char* end = token.text.data() + token.text.size();
  std::from_chars_result result{};
  if (token.kind == TokenKind::kInt) {
    out = Start(ExprKind::kInt);
    result = std::from_chars(token.text.data(), end, out.number);
  } else {
    out = Start(ExprKind::kDouble);
    // Too small a number is 0 and fine, but from_chars reports it like one too large.
    result = std::from_chars(token.text.data(), end, out.real);
    const size_t exponent = token.text.find_first_of("eE");
    if (result.ec == std::errc::result_out_of_range && exponent != std::string_view::npos &&
        token.text[exponent + 1] == '-') {
      out.real = 0;
      result.ec = {};
    }
  }
  if (result.ec != std::errc()) {
    return Fail(token.offset, Text("the number ", token.text, " is too large"));
  }
  ++position_;
  return true;
}

bool Parser::String(std::string& out) {
  if (!Is(TokenKind::kString)) {
    return Fail(Peek().offset, Text("expected a string, found ", Found()));
  }
  const Token& token = Peek();
  size_t bad = 0;
  if (!Unquote(token.text, out, bad)) {
    return Fail(token.offset + bad, Text("unknown escape \"", Printable(token.text.substr(bad, 2)),
                                         "\" in a string; a backslash is written \\\\"));
  }
  ++position_;
  return true;
}

bool Parser::Bytes(Expr& out) {
  const Token& token = Peek();
  out = Start(ExprKind::kBytes);
  const std::string_view digits = token.text.substr(2);
  if (digits.size() % 2 != 0) {
    return Fail(token.offset, "bytes need an even number of hex digits");
  }
  out.text = BytesFromHex(digits);
  ++position_;
  return true;
}

bool Parser::Call(Expr& out) {
  out = Start(ExprKind::kCall);
  out.text = Peek().text;
  ++position_;
  if (!Enter(Peek())) return false;
  ++position_;
  if (!Is(TokenKind::kCloseParen)) {
    do {
      if (!Argument(out)) return false;
    } while (Take(TokenKind::kComma));
  }
  if (!Expect(TokenKind::kCloseParen, "\",\" or \")\"")) return false;
  const uint32_t bracket = Peek().offset;
  std::vector<Expr> keys;
  if (!Keys(keys)) return false;
  if (!keys.empty() && IsLower(out.text[0])) {
    return Fail(bracket, "an editor has no result that could be indexed");
  }
  out.key_count = static_cast<uint32_t>(keys.size());
  out.children.insert(out.children.begin(), std::make_move_iterator(keys.begin()),
                      std::make_move_iterator(keys.end()));
  return Leave();
}

bool Parser::Argument(Expr& call) {
  std::string name;
  if (Is(TokenKind::kName) && Peek(1).kind == TokenKind::kAssign) {
    name = Peek().text;
    position_ += 2;
  }
  call.names.push_back(std::move(name));
  return ParseValue(call.children.emplace_back());
}

bool Parser::Path(Expr& out) {
  out = Start(ExprKind::kPath);
  out.names.emplace_back(Peek().text);
  ++position_;
  while (Take(TokenKind::kDot)) {
    if (!Is(TokenKind::kName) || !IsLowercaseName(Peek().text)) {
      return Fail(Peek().offset,
                  Text("expected a name in lower case after \".\", found ", Found()));
    }
    out.names.emplace_back(Peek().text);
    ++position_;
  }
  if (!Keys(out.children)) return false;
  if (Is(TokenKind::kDot)) {
    return Fail(Peek().offset,
                "a path ends with its [...]; deeper values are reached by more [...]");
  }
  return true;
}

bool Parser::Keys(std::vector<Expr>& out) {
  while (Is(TokenKind::kOpenBracket)) {
    if (!Enter(Peek())) return false;
    ++position_;
    Expr& key = out.emplace_back();
    if (Is(TokenKind::kString)) {
      key = Start(ExprKind::kString);
      if (!String(key.text)) return false;
    } else if (!Arithmetic(TokenKind::kPlus, TokenKind::kMinus, key)) {
      return false;
    }
    if (!Expect(TokenKind::kCloseBracket, "\"]\"")) return false;
    Leave();
  }
  return true;
}

bool Parser::List(Expr& out) {
  out = Start(ExprKind::kList);
  if (!Enter(Peek())) return false;
  ++position_;
  if (!Is(TokenKind::kCloseBracket)) {
    do {
      if (!ParseValue(out.children.emplace_back())) return false;
    } while (Take(TokenKind::kComma));
  }
  return Expect(TokenKind::kCloseBracket, "\",\" or \"]\"") && Leave();
}

bool Parser::Map(Expr& out) {
  out = Start(ExprKind::kMap);
  if (!Enter(Peek())) return false;
  ++position_;
  while (!Is(TokenKind::kCloseBrace)) {
    if (!String(out.names.emplace_back()) || !Expect(TokenKind::kColon, "\":\"") ||
        !ParseValue(out.children.emplace_back())) {
      return false;
    }
    Take(TokenKind::kComma);
  }
  ++position_;
  return Leave();
}

bool Parser::Statement(ParsedStatement& out) {
  if (!Is(TokenKind::kName) || Peek(1).kind != TokenKind::kOpenParen) {
    return Fail(Peek().offset, Text("expected an editor such as set(...), found ", Found()));
  }
  if (!IsLower(Peek().text[0])) {
    return Fail(Peek().offset, Text("\"", Peek().text,
                                    "\" is a converter; a statement calls an editor, "
                                    "whose name starts in lower case"));
  }
  if (!Call(out.call)) return false;
  if (Is(TokenKind::kEnd)) return true;
  if (!Is(TokenKind::kName) || Peek().text != "where") {
    return Fail(Peek().offset, Text("expected where or the end, found ", Found()));
  }
  ++position_;
  return Condition(out.where.emplace());
}

}  // namespace

std::variant<Expr, ParseError> ParseCondition(std::string_view text) {
  auto tokens = Tokenize(text);
  if (auto* error = std::get_if<ParseError>(&tokens)) return std::move(*error);
  Parser parser(text, std::get<std::vector<Token>>(std::move(tokens)));
  Expr condition;
  if (!parser.Condition(condition) || !parser.AtEnd()) return parser.TakeError();
  return condition;
}

std::variant<ParsedStatement, ParseError> ParseStatement(std::string_view text) {
  auto tokens = Tokenize(text);
  if (auto* error = std::get_if<ParseError>(&tokens)) return std::move(*error);
  Parser parser(text, std::get<std::vector<Token>>(std::move(tokens)));
  ParsedStatement statement;
  if (!parser.Statement(statement) || !parser.AtEnd()) return parser.TakeError();
  return statement;
}

}  // namespace flameway::ottl
