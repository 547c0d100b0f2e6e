// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/go_rules.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "processor/symbols/characters.h"

namespace flameway {
namespace {

constexpr size_t kNone = std::string_view::npos;

int HexValue(char c) { return IsDigit(c) ? c - '0' : IsLower(c) ? c - 'a' + 10 : c - 'A' + 10; }

// C8. Only printable ASCII, and not the percent sign itself: then decoding twice is decoding once.
void DecodeEscapes(SymbolText& name) {
  const std::string_view text = name.view();
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '%' && i + 2 < text.size() && IsHex(text[i + 1]) && IsHex(text[i + 2])) {
      const int value = HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]);
      if (value > 0x20 && value < 0x7F && value != '%') {
        out.push_back(static_cast<char>(value));
        i += 3;
        continue;
      }
    }
    out.push_back(text[i++]);
  }
  if (out != text) name.Replace(std::move(out));
}

// C1: the bracket and all it holds. A bracket that is never closed leaves the name as it is.
void DropShapes(SymbolText& name) {
  constexpr std::string_view kShape = "[go.shape.";
  const std::string_view text = name.view();
  std::string out;
  size_t copied = 0;
  for (size_t open = text.find(kShape); open != kNone; open = text.find(kShape, copied)) {
    size_t end = open;
    size_t depth = 0;
    do {
      if (text[end] == '[') ++depth;
      if (text[end] == ']') --depth;
      ++end;
    } while (depth > 0 && end < text.size());
    if (depth > 0) return;
    out += text.substr(copied, open - copied);
    copied = end;
  }
  if (copied == 0) return;
  out += text.substr(copied);
  name.Replace(std::move(out));
}

// C2
void DropElided(SymbolText& name) {
  constexpr std::string_view kElided = "[...]";
  const std::string_view text = name.view();
  std::string out;
  size_t copied = 0;
  for (size_t at = text.find(kElided); at != kNone; at = text.find(kElided, copied)) {
    out += text.substr(copied, at - copied);
    copied = at + kElided.size();
  }
  out += text.substr(copied);
  if (copied != 0 && !out.empty()) name.Replace(std::move(out));
}

// The length of the import path before the last element of the package: `github.com/foo/`.
size_t DirectoryLength(std::string_view text) {
  const size_t path = RunLength(text, 0, [](char c) {
    return IsAlnum(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '~' || c == '+';
  });
  const size_t slash = text.substr(0, path).rfind('/');
  return slash == kNone ? 0 : slash + 1;
}

// C4: as pprof shows names. A major version, /v2 and up, is not the package's name.
void DropModule(SymbolText& name) {
  std::string_view text = name.view();
  std::string without_version;
  const size_t path_end = RunLength(text, 0, [](char c) { return c != '(' && c != '['; });
  for (size_t at = text.find("/v"); at < path_end; at = text.find("/v", at + 1)) {
    const size_t digits = RunLength(text, at + 2, IsDigit);
    const size_t end = at + 2 + digits;
    const bool is_major = digits > 0 && text[at + 2] != '0' && (digits > 1 || text[at + 2] != '1');
    if (!is_major || end >= text.size() || (text[end] != '.' && text[end] != '/')) continue;
    without_version = std::string(text.substr(0, at)) + std::string(text.substr(end));
    text = without_version;
    break;
  }
  const size_t directory = DirectoryLength(text);
  const std::string_view rest = text.substr(directory);
  const size_t dot = rest.find('.');
  if (directory > 0 && dot != kNone && dot > 0 && dot + 1 < rest.size()) text = rest;
  if (text != name.view()) name.Replace(std::string(text));
}

// C5
void DropVendor(SymbolText& name) {
  const size_t directory = DirectoryLength(name.view());
  if (("/" + std::string(name.view().substr(0, directory))).find("/vendor/") == kNone) return;
  if (directory < name.size()) name.DropFirst(directory);
}

// The length of `name` without its last `.funcN`, `.N`, `.gowrapN`, `.deferwrapN` or `-rangeN`.
size_t WithoutClosure(std::string_view name) {
  size_t end = name.size();
  while (end > 0 && IsDigit(name[end - 1])) --end;
  const std::string_view before = name.substr(0, end);
  const bool has_digits = end < name.size();
  if (before.ends_with(".func")) return end - 5;
  if (!has_digits) return name.size();
  for (const std::string_view word : {".gowrap", ".deferwrap", "-range"}) {
    if (before.ends_with(word)) return end - word.size();
  }
  return before.ends_with('.') ? end - 1 : name.size();
}

// C7: however closures are nested and wrapped, one `.func`. Bare numbers count only behind one.
void UnifyClosures(SymbolText& name) {
  size_t length = name.size();
  size_t closure_length = name.size();  // without the parts that are known to be a closure's
  while (length > 0) {
    const size_t shorter = WithoutClosure(name.view().substr(0, length));
    if (shorter == length || shorter == 0) break;
    if (name.view()[shorter] == '-' || !IsDigit(name.view()[shorter + 1])) closure_length = shorter;
    length = shorter;
  }
  if (closure_length == name.size()) return;
  std::string text = std::string(name.view().substr(0, closure_length)) + ".func";
  if (text != name.view()) name.Replace(std::move(text));
}

}  // namespace

void RepairGo(const RuleContext& context, SymbolText& name) {
  if (name.Has('%') && context.Has(SymbolRule::kGoEscape)) DecodeEscapes(name);
}

void StripGoSuffix(const RuleContext& context, SymbolText& name) {
  if (!name.Has('-') || !context.Has(SymbolRule::kGoMethodValue)) return;
  if (name.view().ends_with("-fm") && name.size() > 3) name.KeepFirst(name.size() - 3);
}

void SimplifyGo(const RuleContext& context, SymbolText& name) {
  if (name.Has('[')) {
    if (context.Has(SymbolRule::kGoShape)) DropShapes(name);
    if (context.Has(SymbolRule::kGoElided)) DropElided(name);
  }
  if (name.Has('/')) {
    if (context.Has(SymbolRule::kGoVendor)) DropVendor(name);
    if (context.Has(SymbolRule::kGoModule)) DropModule(name);
  }
  if (context.Has(SymbolRule::kGoClosure)) UnifyClosures(name);
}

}  // namespace flameway
