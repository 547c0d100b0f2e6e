// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/rust_names.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "processor/symbols/characters.h"
#include "processor/symbols/punycode.h"

namespace flameway {
namespace {

constexpr size_t kHashDigits = 16;
constexpr size_t kHashBytes = kHashDigits + 1;  // with the h

bool IsRustHash(std::string_view part) {
  return part.size() == kHashBytes && part[0] == 'h' &&
         RunLength(part, 1, IsLowerHex) == kHashDigits;
}

// One escape at the front of `text`; its length, or 0.
size_t DecodeEscape(std::string_view text, RustBraces braces, std::string& out) {
  static constexpr struct {
    std::string_view escape;
    char character;
  } kEscapes[] = {{"$SP$", '@'}, {"$BP$", '*'}, {"$RF$", '&'}, {"$LT$", '<'},
                  {"$GT$", '>'}, {"$LP$", '('}, {"$RP$", ')'}, {"$C$", ','}};
  for (const auto& [escape, character] : kEscapes) {
    if (!text.starts_with(escape)) continue;
    out.push_back(character);
    return escape.size();
  }
  if (!text.starts_with("$u")) return 0;
  const size_t digits = RunLength(text.substr(0, 9), 2, IsLowerHex);
  if (digits == 0 || digits > 6 || text.size() <= 2 + digits || text[2 + digits] != '$') return 0;
  char32_t code_point = 0;
  for (const char c : text.substr(2, digits)) {
    code_point = code_point << 4 | static_cast<char32_t>(IsDigit(c) ? c - '0' : c - 'a' + 10);
  }
  const bool is_brace = code_point == '{' || code_point == '}';
  if (is_brace && braces == RustBraces::kKeepEscaped) return 0;
  // Control characters stay escaped, and so does the escape itself.
  if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) || code_point == '$') return 0;
  return AppendUtf8(code_point, out) ? digits + 3 : 0;
}

bool IsPrimitive(std::string_view token) {
  static constexpr std::string_view kPrimitives[] = {"u8",    "u16",   "u32", "u64", "u128",
                                                     "usize", "i8",    "i16", "i32", "i64",
                                                     "i128",  "isize", "f32", "f64", "str"};
  return std::find(std::begin(kPrimitives), std::end(kPrimitives), token) != std::end(kPrimitives);
}

// Whether a list of parameters follows a name, outside of all `<>`: C++ prints one, Rust does not.
bool HasParameters(std::string_view text) {
  int depth = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>' && text[i - 1] != '-') --depth;
    const char before = text[i - 1];
    if (text[i] == '(' && depth == 0 && before != ' ' && before != ':') return true;
  }
  return false;
}

enum class Ampersand : uint8_t { kReference, kAddress };

// Whether a generic argument that starts at `from` can only be Rust's. `&a::b` is a reference to a
// type there, and the address of a function in C++; `ampersand` says which is meant.
bool IsRustArgument(std::string_view text, size_t from, Ampersand ampersand) {
  const std::string_view rest = text.substr(from);
  for (const std::string_view start :
       {"dyn ", "*mut ", "*const ", "impl ", "&mut ", "&dyn ", "&str", "&[", "&'"}) {
    if (rest.starts_with(start)) return true;
  }
  if (rest.starts_with('&')) return ampersand == Ampersand::kReference;
  if (rest.size() > 1 && rest[0] == '\'' && !rest.starts_with("'lambda") &&
      !rest.starts_with("'unnamed")) {
    const size_t name = RunLength(rest, 1, IsIdentifier);
    return name > 0 && 1 + name < rest.size() && rest[1 + name] != '\'';
  }
  const size_t size = RunLength(rest, 0, IsIdentifier);
  if (size == 0 || size == rest.size() || (rest[size] != ',' && rest[size] != '>')) return false;
  const std::string_view token = rest.substr(0, size);
  const bool is_parameter = IsUpper(token[0]) && (size == 1 || (size == 2 && IsDigit(token[1])));
  return is_parameter || IsPrimitive(token);
}

}  // namespace

std::string DecodeRustEscapes(std::string_view text, RustBraces braces) {
  std::string out;
  out.reserve(text.size());
  size_t i = 0;
  while (i < text.size()) {
    const bool at_start = i == 0 || text.substr(0, i).ends_with("::");
    if (at_start && text.substr(i).starts_with("_$")) {
      std::string ignored;
      if (DecodeEscape(text.substr(i + 1), braces, ignored) != 0 && ignored != "{") ++i;
    }
    if (text[i] == '$') {
      if (const size_t size = DecodeEscape(text.substr(i), braces, out); size != 0) {
        i += size;
        continue;
      }
    }
    if (text.substr(i).starts_with("..") && !text.substr(i).starts_with("...")) {
      out += "::";
      i += 2;
      continue;
    }
    out.push_back(text[i++]);
  }
  return out;
}

std::string DecodeRustBraces(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const bool is_open = rest.starts_with("$u7b$");
    if (is_open || rest.starts_with("$u7d$")) {
      out.push_back(is_open ? '{' : '}');
      i += 5;
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

std::optional<std::string> DemangleRustLegacy(std::string_view mangled) {
  if (!mangled.starts_with("_ZN") || !mangled.ends_with('E')) return std::nullopt;
  // The last part is checked first: nearly every C++ name ends here.
  const size_t hash_part = kHashBytes + 2;
  if (mangled.size() < 3 + hash_part + 1) return std::nullopt;
  const std::string_view last = mangled.substr(mangled.size() - hash_part - 1, hash_part);
  if (!last.starts_with("17h") || !IsRustHash(last.substr(2))) return std::nullopt;
  std::string_view rest = mangled.substr(3, mangled.size() - 3 - hash_part - 1);
  std::string out;
  while (!rest.empty()) {
    size_t size = 0;
    size_t digits = 0;
    while (digits < rest.size() && digits < 6 && IsDigit(rest[digits])) {
      size = size * 10 + static_cast<size_t>(rest[digits++] - '0');
    }
    if (size == 0 || size > rest.size() - digits) return std::nullopt;
    std::string_view part = rest.substr(digits, size);
    // Parts that would begin with an escape have an underscore before it.
    if (part.starts_with("_$")) part.remove_prefix(1);
    if (!out.empty()) out += "::";
    out += DecodeRustEscapes(part, RustBraces::kDecode);
    rest.remove_prefix(digits + size);
  }
  // What the mangler glues on without a separator, as in call_once{{vtable.shim}}, is fine as is.
  return out.empty() ? std::nullopt : std::optional<std::string>(std::move(out));
}

bool EndsWithRustHash(std::string_view text) {
  return text.size() > kHashBytes + 2 && IsRustHash(text.substr(text.size() - kHashBytes)) &&
         text.substr(0, text.size() - kHashBytes).ends_with("::");
}

bool IsRustText(std::string_view text) {
  if (text.starts_with('<')) return true;
  for (const std::string_view sign :
       {"::<", "{{", "{closure#", "{closure:", "{shim", "{impl#", "drop_in_place<"}) {
    if (text.find(sign) != std::string_view::npos) return true;
  }
  if (text.find('<') == std::string_view::npos) return false;
  const Ampersand ampersand = HasParameters(text) ? Ampersand::kAddress : Ampersand::kReference;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '<' && text[i] != ',') continue;
    const size_t start = i + 1 + RunLength(text, i + 1, [](char c) { return c == ' '; });
    if (IsRustArgument(text, start, ampersand)) return true;
  }
  return false;
}

std::optional<std::string> WithoutCrateHashes(std::string_view text) {
  std::string out;
  size_t copied = 0;
  size_t open = text.find('[');
  for (; open != std::string_view::npos; open = text.find('[', open + 1)) {
    const size_t digits = RunLength(text, open + 1, IsLowerHex);
    const size_t close = open + 1 + digits;
    if (digits < 5 || digits > kHashDigits || open == 0 || !IsIdentifier(text[open - 1]) ||
        close >= text.size() || text[close] != ']' || !text.substr(close + 1).starts_with("::")) {
      continue;
    }
    out += text.substr(copied, open - copied);
    copied = close + 1;
  }
  if (copied == 0) return std::nullopt;
  out += text.substr(copied);
  return out;
}

}  // namespace flameway
