// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/cpp_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "processor/symbols/characters.h"

namespace flameway {
namespace {

constexpr std::string_view kOperator = "operator";
constexpr size_t kMaxRematches = 16;
constexpr std::string_view kAnonymous = "(anonymous namespace)";

// Names of what the compiler makes up, before the name it is made for.
constexpr std::array<std::string_view, 14> kSpecialPrefixes = {
    "vtable for ",
    "VTT for ",
    "construction vtable for ",
    "typeinfo for ",
    "typeinfo name for ",
    "guard variable for ",
    "non-virtual thunk to ",
    "virtual thunk to ",
    "covariant return thunk to ",
    "TLS wrapper function for ",
    "TLS init function for ",
    "thread-local wrapper routine for ",
    "thread-local initialization routine for ",
    "invocation function for block in "};

bool IsWordAt(std::string_view text, size_t at, std::string_view word) {
  return text.substr(at).starts_with(word) && (at == 0 || !IsIdentifier(text[at - 1])) &&
         (at + word.size() == text.size() || !IsIdentifier(text[at + word.size()]));
}

// The length of the symbol of an operator, at the front of what stands behind the word; 0 for a
// conversion operator. `operator<<` is followed by a parenthesis, a template or nothing; else it is
// `operator<` with template arguments behind it.
size_t OperatorSymbolLength(std::string_view rest) {
  static constexpr std::string_view kWords[] = {" new[]", " new", " delete[]", " delete",
                                                " co_await"};
  for (const std::string_view word : kWords) {
    if (rest.starts_with(word) &&
        (rest.size() == word.size() || !IsIdentifier(rest[word.size()]))) {
      return word.size();
    }
  }
  if (rest.starts_with("\"\"")) {
    const size_t space = rest.substr(2).starts_with(' ') ? 1 : 0;
    return 2 + space + RunLength(rest, 2 + space, IsIdentifier);
  }
  if (rest.starts_with("<<") && !rest.starts_with("<<=")) {
    const char next = rest.size() > 2 ? rest[2] : '\0';
    return next == '\0' || std::string_view("(< [.").find(next) != std::string_view::npos ? 2 : 1;
  }
  static constexpr std::string_view kSymbols[] = {
      "<=>", "<<=", ">>=", "->*", "()", "[]", ">>", "<=", ">=", "->", "==", "!=", "&&",
      "||",  "++",  "--",  "+=",  "-=", "*=", "/=", "%=", "^=", "&=", "|=", "<",  ">",
      "+",   "-",   "*",   "/",   "%",  "^",  "&",  "|",  "~",  "!",  "=",  ","};
  for (const std::string_view symbol : kSymbols) {
    if (rest.starts_with(symbol)) return symbol.size();
  }
  return 0;
}

// Walks over brackets that open and close at a place. `<` and `>` that compare or shift in an
// expression have a space before them, which no bracket has but the `> >` of GNU's.
class BracketMatcher {
 public:
  explicit BracketMatcher(std::string_view text) : text_(text) {}

  // The index behind the bracket that closes the one at `open`; npos if none does.
  size_t End(size_t open) {
    stack_.clear();
    for (size_t i = open; i < text_.size(); ++i) {
      if (text_[i] == 'o' && IsWordAt(text_, i, kOperator)) {
        i += kOperator.size();
        i += OperatorSymbolLength(text_.substr(i));
        if (text_.substr(i).starts_with(" <")) ++i;
        if (i >= text_.size()) break;
        if (text_[i] == '<') {
          stack_.push_back('<');
          continue;
        }
      }
      if (!Step(i)) return std::string_view::npos;
      if (stack_.empty()) return i + 1;
    }
    return std::string_view::npos;
  }

 private:
  bool Step(size_t i) {
    const char c = text_[i];
    switch (c) {
      case '(':
      case '[':
      case '{':
        stack_.push_back(c);
        return true;
      case '<':
        if (!IsOperatorSign(i)) stack_.push_back(c);
        return true;
      case '>':
        if (!stack_.empty() && stack_.back() == '<' && !IsOperatorSign(i)) stack_.pop_back();
        return true;
      case ')':
        return Close('(');
      case ']':
        return Close('[');
      case '}':
        return Close('{');
      default:
        return true;
    }
  }

  bool IsOperatorSign(size_t i) const {
    const char c = text_[i];
    size_t first = i;
    while (first > 0 && text_[first - 1] == c && i - first < 2) --first;
    if (first == 0) return false;
    if (c == '>' && (text_[first - 1] == '-' || text_[first - 1] == '=')) return true;
    if (text_[first - 1] != ' ' || first < 2) return false;
    return c == '<' || text_[first - 2] != '>';
  }

  bool Close(char open) {
    while (!stack_.empty() && stack_.back() == '<') stack_.pop_back();
    if (stack_.empty() || stack_.back() != open) return false;
    stack_.pop_back();
    return true;
  }

  std::string_view text_;
  std::vector<char> stack_;
};

// What may stand behind a parameter list.
size_t QualifiersLength(std::string_view rest) {
  size_t size = 0;
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view word :
         {" const", " volatile", " restrict", " noexcept", " &&", " &", "&&", "&"}) {
      if (!rest.substr(size).starts_with(word)) continue;
      const size_t end = size + word.size();
      if (end < rest.size() && IsIdentifier(rest[end])) continue;
      size = end;
      found = true;
      break;
    }
  }
  return size;
}

class CppSimplifier {
 public:
  CppSimplifier(std::string_view name, TemplateArguments templates)
      : text_(name), templates_(templates), matcher_(name) {}

  std::optional<std::string> Run() {
    for (const std::string_view prefix : kSpecialPrefixes) {
      if (!text_.starts_with(prefix)) continue;
      out_ = prefix;
      at_ = prefix.size();
      break;
    }
    name_start_ = fixed_start_ = out_.size();
    while (at_ < text_.size()) {
      if (!Step()) return std::nullopt;
    }
    if (braces_ != 0) return std::nullopt;
    if (had_parameters_) out_.erase(fixed_start_, name_start_ - fixed_start_);
    if (out_.empty() || out_ == text_) return std::nullopt;
    return std::move(out_);
  }

 private:
  bool Step() {
    const char c = text_[at_];
    switch (c) {
      case 'o':
        if (IsWordAt(text_, at_, kOperator)) return Operator();
        break;
      case '<':
        return Angle();
      case '(':
        if (braces_ == 0) return Parenthesis();
        break;
      case '{':
        ++braces_;
        break;
      case '}':
        if (braces_ == 0) return false;
        --braces_;
        break;
      case '>':
        return false;
      case ' ':
        if (braces_ == 0 && !in_conversion_) {
          name_start_ = out_.size() + 1;
          had_parameters_ = false;
        }
        break;
      default:
        break;
    }
    if (IsIdentifier(c)) {
      const size_t run = RunLength(text_, at_, IsIdentifier);
      Copy(run);
    } else {
      Copy(1);
    }
    return true;
  }

  bool Operator() {
    Copy(kOperator.size());
    const size_t symbol = OperatorSymbolLength(text_.substr(at_));
    Copy(symbol);
    if (symbol == 0 && at_ < text_.size() && text_[at_] == ' ') in_conversion_ = true;
    if (text_.substr(at_).starts_with(" <")) ++at_;
    return true;
  }

  bool Angle() {
    const size_t end = matcher_.End(at_);
    if (end == std::string_view::npos) return false;
    if (templates_ == TemplateArguments::kDrop) {
      at_ = end;
      return true;
    }
    while (at_ < end) {
      if (text_[at_] == '(' && !DropEnclosingParameters()) return false;
      if (at_ < end) Copy(1);
    }
    return true;
  }

  // Of a function around what a template argument names: `A<f(int)::{lambda()#1}>`. False when
  // that would take too long.
  bool DropEnclosingParameters() {
    if (!IsIdentifier(text_[at_ - 1]) && text_[at_ - 1] != '>' && text_[at_ - 1] != ')')
      return true;
    if (out_.ends_with("decltype")) return true;
    const size_t end = matcher_.End(at_);
    if (end == std::string_view::npos) return false;
    // Each parenthesis in a parenthesis is looked for again; people nest a few.
    matched_bytes_ += end - at_;
    if (matched_bytes_ > kMaxRematches * text_.size()) return false;
    const std::string_view rest = text_.substr(end);
    const size_t qualifiers = QualifiersLength(rest);
    if (rest.substr(qualifiers).starts_with("::")) at_ = end + qualifiers;
    return true;
  }

  bool Parenthesis() {
    if (text_.substr(at_).starts_with(kAnonymous)) {
      Copy(kAnonymous.size());
      return true;
    }
    const bool opens_text = at_ == fixed_start_ || text_[at_ - 1] == ' ';
    const std::string_view inside = text_.substr(at_ + 1);
    if (opens_text && (inside.starts_with('*') || inside.starts_with('&') ||
                       inside.substr(0, inside.find(')')).find("::*") != std::string_view::npos ||
                       at_ == fixed_start_)) {
      return false;
    }
    const size_t end = matcher_.End(at_);
    if (end == std::string_view::npos) return false;
    if (opens_text) {
      Copy(end - at_);
      return true;
    }
    at_ = end;
    at_ += QualifiersLength(text_.substr(at_));
    in_conversion_ = false;
    if (text_.substr(at_).starts_with(" requires ")) at_ = text_.size();
    had_parameters_ = true;
    if (at_ < text_.size() && text_[at_] == '.') Copy(text_.size() - at_);
    return true;
  }

  void Copy(size_t count) {
    out_ += text_.substr(at_, count);
    at_ += count;
  }

  std::string_view text_;
  TemplateArguments templates_;
  BracketMatcher matcher_;
  std::string out_;
  size_t at_ = 0;
  size_t fixed_start_ = 0;  // in out_: behind a special prefix
  size_t name_start_ = 0;   // in out_: behind the last space outside brackets
  size_t braces_ = 0;
  size_t matched_bytes_ = 0;  // by DropEnclosingParameters
  bool in_conversion_ = false;
  bool had_parameters_ = false;  // behind name_start_: then what is before it is a return type
};

// The space of GNU's `> >` and `operator< <int>`.
bool IsRedundantSpace(std::string_view before, char next) {
  if (next != '>' && next != '<') return false;
  // The longest symbol has three characters; what is further back is not looked at.
  constexpr size_t kTail = kOperator.size() + 3;
  if (before.size() > kTail) before.remove_prefix(before.size() - kTail);
  const size_t word = before.rfind(kOperator);
  const size_t symbol =
      word == std::string_view::npos ? 0 : before.size() - word - kOperator.size();
  const bool is_behind_operator =
      symbol > 0 && OperatorSymbolLength(before.substr(word + kOperator.size())) == symbol;
  return next == '<' ? is_behind_operator : before.ends_with('>') && !is_behind_operator;
}

// What the mangling abbreviates, and some demanglers spell out. Constructors are spelled out by
// all.
void AbbreviateStd(std::string& name) {
  static constexpr struct {
    std::string_view full;
    std::string_view abbreviation;
  } kAbbreviations[] = {
      {"std::basic_string<char, std::char_traits<char>, std::allocator<char>>", "std::string"},
      {"std::basic_istream<char, std::char_traits<char>>", "std::istream"},
      {"std::basic_ostream<char, std::char_traits<char>>", "std::ostream"},
      {"std::basic_iostream<char, std::char_traits<char>>", "std::iostream"}};
  if (name.find("std::basic_") == std::string::npos) return;
  for (const auto& [full, abbreviation] : kAbbreviations) {
    std::string out;
    size_t copied = 0;
    for (size_t at = name.find(full); at != std::string::npos; at = name.find(full, copied)) {
      const size_t end = at + full.size();
      const std::string_view rest = std::string_view(name).substr(end);
      const bool is_own_member = rest.starts_with("::basic_") || rest.starts_with("::~basic_");
      out.append(name, copied, at - copied);
      out += is_own_member ? full : abbreviation;
      copied = end;
    }
    if (copied == 0) continue;
    out.append(name, copied);
    name = std::move(out);
  }
}

// Reads `'lambda12'` or the like at the front of `text`: its length, and which of its kind it is.
size_t LlvmOrdinal(std::string_view text, std::string_view word, uint64_t& ordinal) {
  if (!text.starts_with(word)) return 0;
  const size_t digits = RunLength(text.substr(0, word.size() + 18), word.size(), IsDigit);
  const size_t end = word.size() + digits;
  if (end >= text.size() || text[end] != '\'') return 0;
  ordinal = 1;
  if (digits > 0) {
    ordinal = 0;
    for (const char c : text.substr(word.size(), digits)) {
      ordinal = ordinal * 10 + static_cast<uint64_t>(c - '0');
    }
    ordinal += 2;
  }
  return end + 1;
}

}  // namespace

std::optional<std::string> SimplifyCpp(std::string_view name, TemplateArguments templates) {
  return CppSimplifier(name, templates).Run();
}

std::optional<std::string> UnifyCppSpelling(std::string_view name) {
  struct Closure {
    size_t depth;
    uint64_t ordinal;
  };
  std::vector<Closure> closures;
  std::string out;
  size_t depth = 0;
  for (size_t i = 0; i < name.size();) {
    const std::string_view rest = name.substr(i);
    uint64_t ordinal = 0;
    if (name[i] == '\'') {
      if (const size_t size = LlvmOrdinal(rest, "'lambda", ordinal); size != 0) {
        closures.push_back({depth, ordinal});
        out += "{lambda";
        i += size;
        continue;
      }
      if (const size_t size = LlvmOrdinal(rest, "'unnamed", ordinal); size != 0) {
        out += "{unnamed type#" + std::to_string(ordinal) + "}";
        i += size;
        continue;
      }
    }
    constexpr std::string_view kNullptr = "decltype(nullptr)";
    if (rest.starts_with(kNullptr) && (i == 0 || !IsIdentifier(name[i - 1]))) {
      out += "std::nullptr_t";
      i += kNullptr.size();
      continue;
    }
    if (rest.starts_with("auto:") && (i == 0 || !IsIdentifier(name[i - 1]))) {
      if (const size_t digits = RunLength(rest, 5, IsDigit); digits > 0) {
        out += "auto";
        i += 5 + digits;
        continue;
      }
    }
    if (name[i] == ' ' && IsRedundantSpace(out, rest.size() > 1 ? rest[1] : '\0')) {
      ++i;
      continue;
    }
    if (name[i] == '(') ++depth;
    out.push_back(name[i++]);
    if (out.back() == ')' && depth > 0) {
      --depth;
      if (!closures.empty() && closures.back().depth == depth) {
        out += "#" + std::to_string(closures.back().ordinal) + "}";
        closures.pop_back();
      }
    }
  }
  if (!closures.empty()) return std::nullopt;
  AbbreviateStd(out);
  if (out == name) return std::nullopt;
  return out;
}

std::optional<std::string> WithoutAbiTags(std::string_view name) {
  std::string out;
  size_t copied = 0;
  for (size_t open = name.find("[abi:"); open != std::string_view::npos;
       open = name.find("[abi:", open + 1)) {
    const size_t end = open + 5 + RunLength(name, open + 5, IsIdentifier);
    if (end >= name.size() || name[end] != ']' || open == 0) continue;
    out += name.substr(copied, open - copied);
    copied = end + 1;
  }
  if (copied == 0) return std::nullopt;
  out += name.substr(copied);
  return out;
}

std::optional<std::string> WithoutInlineStd(std::string_view name) {
  std::string out;
  size_t copied = 0;
  for (size_t at = name.find("std::_"); at != std::string_view::npos;
       at = name.find("std::_", at + 1)) {
    if (at > 0 && IsIdentifier(name[at - 1])) continue;
    for (const std::string_view inline_name : {"__1::", "__2::", "__cxx11::", "__ndk1::"}) {
      if (!name.substr(at + 5).starts_with(inline_name)) continue;
      out += name.substr(copied, at + 5 - copied);
      copied = at + 5 + inline_name.size();
      break;
    }
  }
  if (copied == 0) return std::nullopt;
  out += name.substr(copied);
  return out;
}

std::optional<std::string> ClosureOwner(std::string_view name) {
  const size_t closure = std::min(name.find("::$_"), name.find("::{lambda("));
  if (closure == std::string_view::npos || closure == 0) return std::nullopt;
  std::string_view owner = name.substr(0, closure);
  // Class::method: the last two parts, if the first of them begins like a class.
  const size_t method = owner.rfind("::");
  if (method == std::string_view::npos) return std::string(owner);
  const size_t before = owner.rfind("::", method == 0 ? 0 : method - 1);
  const size_t start = before == std::string_view::npos || before >= method ? 0 : before + 2;
  const size_t letter = start + RunLength(owner, start, [](char c) { return c == '_'; });
  if (letter < owner.size() && IsUpper(owner[letter])) owner.remove_prefix(start);
  return std::string(owner);
}

}  // namespace flameway
