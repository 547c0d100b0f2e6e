// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "processor/ottl/string_literal.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

using Piece = re2::StringPiece;

// Never a null pointer, which would tell nothing about where a match begins.
Piece Whole(std::string_view text) {
  return text.empty() ? Piece("") : Piece(text.data(), text.size());
}

std::string_view View(const Piece& piece) { return {piece.data(), piece.size()}; }

bool IsNameByte(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// A reference after a dollar sign: the group it names, and its length; length 0 when it is none.
struct Reference {
  std::string_view name;
  size_t length = 0;
};

Reference ReferenceAt(std::string_view text) {
  const bool braces = !text.empty() && text[0] == '{';
  size_t end = braces ? 1 : 0;
  const size_t start = end;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  if (end == start) return {};
  const std::string_view name = text.substr(start, end - start);
  if (!braces) return {name, end};
  if (end == text.size() || text[end] != '}') return {};
  return {name, end + 1};
}

// -1 when the name is no number. A leading zero makes it a name.
int GroupNumber(std::string_view name) {
  if (name.size() > 8 || (name.size() > 1 && name[0] == '0')) return -1;
  int number = 0;
  for (const char c : name) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

void Expand(std::string_view replacement, const std::vector<Piece>& groups,
            const std::vector<std::string>& names, std::string& out) {
  while (!replacement.empty()) {
    const size_t dollar = std::min(replacement.find('$'), replacement.size());
    out += replacement.substr(0, dollar);
    replacement.remove_prefix(dollar);
    if (replacement.empty()) return;
    replacement.remove_prefix(1);
    if (replacement.starts_with('$')) {
      out += '$';
      replacement.remove_prefix(1);
      continue;
    }
    const Reference reference = ReferenceAt(replacement);
    if (reference.length == 0) {
      out += '$';
      continue;
    }
    replacement.remove_prefix(reference.length);
    int group = GroupNumber(reference.name);
    if (group < 0) {
      for (size_t i = 0; i < names.size() && group < 0; ++i) {
        if (names[i] == reference.name) group = static_cast<int>(i) + 1;
      }
    }
    if (group >= 0 && static_cast<size_t>(group) < groups.size()) {
      out += View(groups[static_cast<size_t>(group)]);
    }
  }
}

// Go also writes a named group (?<name>...), which this RE2 does not know. Escapes, \Q...\E and
// classes are passed over.
std::string WithKnownGroups(std::string_view expression) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < expression.size(); ++i) {
    const std::string_view rest = expression.substr(i);
    size_t literal = 1;
    if (rest.starts_with("\\Q")) {
      literal = std::min(rest.find("\\E"), rest.size());
    } else if (rest.starts_with('\\')) {
      literal = std::min<size_t>(2, rest.size());
    } else if (in_class) {
      in_class = rest[0] != ']';
    } else if (rest[0] == '[') {
      in_class = true;
      // A "]" right after the start is a member.
      if (rest.starts_with("[]")) literal = 2;
      if (rest.starts_with("[^]")) literal = 3;
    } else if (rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!")) {
      out += "(?P<";
      i += 2;
      continue;
    }
    out += rest.substr(0, literal);
    i += literal - 1;
  }
  return out;
}

absl::StatusOr<std::unique_ptr<re2::RE2>> Compile(std::string_view written) {
  const std::string expression = WithKnownGroups(written);
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<re2::RE2>(expression, options);
  if (compiled->ok()) return compiled;
  return absl::InvalidArgumentError(Text("invalid pattern: ", compiled->error()));
}

// One character, escaped so that it means itself, in a class too.
void AppendLiteral(std::string_view character, std::string& out) {
  if (character.size() == 1 && !IsNameByte(character[0])) out += '\\';
  out += character;
}

// Reads one character of a glob, a backslash taken off.
bool GlobCharacter(std::string_view& glob, std::string_view& character) {
  if (glob.starts_with('\\')) glob.remove_prefix(1);
  if (glob.empty()) return false;
  const size_t size = FirstCodePoint(glob).size;
  character = glob.substr(0, size);
  glob.remove_prefix(size);
  return true;
}

// "[" is behind us. A range and a list of characters exclude each other.
bool GlobClass(std::string_view& glob, std::string& out) {
  out += '[';
  if (glob.starts_with('!')) {
    out += '^';
    glob.remove_prefix(1);
  }
  if (glob.empty()) return false;
  const size_t first = FirstCodePoint(glob).size;
  if (glob.substr(first).starts_with('-')) {
    const std::string_view low = glob.substr(0, first);
    glob.remove_prefix(first + 1);
    if (glob.empty()) return false;
    const size_t last = FirstCodePoint(glob).size;
    const std::string_view high = glob.substr(0, last);
    glob.remove_prefix(last);
    if (high < low || !glob.starts_with(']')) return false;
    AppendLiteral(low, out);
    out += '-';
    AppendLiteral(high, out);
  } else {
    if (glob.starts_with(']')) return false;
    while (!glob.empty() && !glob.starts_with(']')) {
      std::string_view character;
      if (!GlobCharacter(glob, character)) return false;
      AppendLiteral(character, out);
    }
    if (glob.empty()) return false;
  }
  glob.remove_prefix(1);
  out += ']';
  return true;
}

bool GlobToExpression(std::string_view glob, std::string& out) {
  size_t alternatives = 0;
  while (!glob.empty()) {
    const char c = glob[0];
    if (c == '*' || c == '?' || c == '[' || c == '{' ||
        (alternatives > 0 && (c == ',' || c == '}'))) {
      glob.remove_prefix(1);
    }
    if (c == '*') {
      out += ".*";
    } else if (c == '?') {
      out += '.';
    } else if (c == '[') {
      if (!GlobClass(glob, out)) return false;
    } else if (c == '{') {
      ++alternatives;
      out += "(?:";
    } else if (alternatives > 0 && c == ',') {
      out += '|';
    } else if (alternatives > 0 && c == '}') {
      --alternatives;
      out += ')';
    } else {
      std::string_view character;
      if (!GlobCharacter(glob, character)) return false;
      AppendLiteral(character, out);
    }
  }
  return alternatives == 0;
}

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> expression) : expression_(std::move(expression)) {
  group_names_.resize(static_cast<size_t>(expression_->NumberOfCapturingGroups()));
  for (const auto& [number, name] : expression_->CapturingGroupNames()) {
    group_names_[static_cast<size_t>(number) - 1] = name;
  }
}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

absl::StatusOr<Pattern> Pattern::Create(std::string_view expression) {
  auto compiled = Compile(expression);
  if (!compiled.ok()) return compiled.status();
  return Pattern(*std::move(compiled));
}

absl::StatusOr<Pattern> Pattern::CreateGlob(std::string_view glob) {
  std::string expression = "(?s)^(?:";
  if (!GlobToExpression(glob, expression)) {
    return absl::InvalidArgumentError("invalid glob pattern: a [...] or {...} is not complete");
  }
  auto compiled = Compile(expression + ")$");
  if (!compiled.ok()) return compiled.status();
  return Pattern(*std::move(compiled));
}

bool Pattern::Matches(std::string_view text) const {
  const Piece piece = Whole(text);
  return expression_->Match(piece, 0, piece.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Pattern::Groups(std::string_view text, std::vector<std::string_view>& groups) const {
  std::vector<Piece> pieces(group_names_.size() + 1);
  const Piece piece = Whole(text);
  if (!expression_->Match(piece, 0, piece.size(), re2::RE2::UNANCHORED, pieces.data(),
                          static_cast<int>(pieces.size()))) {
    return false;
  }
  groups.clear();
  for (size_t i = 1; i < pieces.size(); ++i) groups.push_back(View(pieces[i]));
  return true;
}

namespace {

// Each match in turn, `append` writing what takes its place. An empty match right after another
// one is passed over; the search goes on at least one character further.
template <typename Append>
std::string Replace(const re2::RE2& expression, std::string_view text, std::vector<Piece>& groups,
                    Append append) {
  const Piece piece = Whole(text);
  std::string out;
  size_t copied = 0;
  for (size_t at = 0; at <= text.size();) {
    if (!expression.Match(piece, at, piece.size(), re2::RE2::UNANCHORED, groups.data(),
                          static_cast<int>(groups.size()))) {
      break;
    }
    const auto start = static_cast<size_t>(groups[0].data() - piece.data());
    const size_t end = start + groups[0].size();
    out += text.substr(copied, start - copied);
    if (end > copied || start == 0) append(out);
    copied = end;
    const size_t step = at < text.size() ? FirstCodePoint(text.substr(at)).size : 1;
    at = at + step > end ? at + step : end;
  }
  out += text.substr(copied);
  return out;
}

}  // namespace

std::string Pattern::ReplaceAll(std::string_view text, std::string_view replacement) const {
  std::vector<Piece> groups(group_names_.size() + 1);
  return Replace(*expression_, text, groups,
                 [&](std::string& out) { Expand(replacement, groups, group_names_, out); });
}

std::string Pattern::ReplaceAll(
    std::string_view text, absl::FunctionRef<std::string(std::string_view match)> replace) const {
  std::vector<Piece> groups(1);
  return Replace(*expression_, text, groups,
                 [&](std::string& out) { out += replace(View(groups[0])); });
}

absl::Status CheckReplacement(std::string_view replacement) {
  for (size_t at = replacement.find('$'); at != std::string_view::npos;
       at = replacement.find('$', at + 1)) {
    const std::string_view rest = replacement.substr(at + 1);
    if (rest.starts_with('$')) {
      ++at;
      continue;
    }
    size_t end = 0;
    while (end < rest.size() && IsNameByte(rest[end])) ++end;
    if (end < rest.size() && static_cast<unsigned char>(rest[end]) >= 0x80) {
      return absl::InvalidArgumentError(
          Text("after \"$", rest.substr(0, end),
               "\" a letter outside ASCII could belong to the name; write ${", rest.substr(0, end),
               "} or $$"));
    }
  }
  return absl::OkStatus();
}

}  // namespace flameway::ottl
