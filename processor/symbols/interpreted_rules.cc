// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/interpreted_rules.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

#include "processor/symbols/characters.h"

namespace flameway {
namespace {

constexpr size_t kNone = std::string_view::npos;

// D6
void StripV8Tier(SymbolText& name) {
  for (;;) {
    const std::string_view text = name.view();
    size_t size = 0;
    for (const std::string_view mark : {"LazyCompile:", "JS:", "*", "~", "^"}) {
      if (text.starts_with(mark)) size = mark.size();
    }
    if (size == 0 || size == text.size()) return;
    name.DropFirst(size);
  }
}

// D9
void StripDotnetTier(SymbolText& name) {
  static constexpr std::string_view kTiers[] = {
      "[OptimizedTier1]", "[OptimizedTier1OSR]", "[OptimizedTier1Instrumented]",
      "[Optimized]",      "[MinOptJitted]",      "[QuickJitted]",
      "[PreJIT]",         "[ReadyToRun]",        "[QuickJittedInstrumented]",
      "[Tier0]",          "[InstrumentedTier0]", "[InstrumentedTier0Optimized]"};
  const std::string_view text = name.view();
  const size_t open = text.rfind('[');
  if (open == kNone || open == 0) return;
  if (std::find(std::begin(kTiers), std::end(kTiers), text.substr(open)) == std::end(kTiers))
    return;
  size_t end = open;
  while (end > 0 && text[end - 1] == ' ') --end;
  if (end > 0) name.KeepFirst(end);
}

// D3
void SimplifyRubyBlock(std::string_view class_name, SymbolText& name) {
  constexpr std::string_view kBlock = "block ";
  constexpr std::string_view kIn = "in ";
  const std::string_view text = name.view();
  if (!text.starts_with(kBlock)) return;
  std::string_view rest = text.substr(kBlock.size());
  if (rest.starts_with('(')) {
    const size_t digits = RunLength(rest, 1, IsDigit);
    if (digits == 0 || !rest.substr(1 + digits).starts_with(" levels) ")) return;
    rest.remove_prefix(1 + digits + 9);
  }
  if (!rest.starts_with(kIn)) return;
  const std::string_view method = rest.substr(kIn.size());
  std::string block = "block in ";
  if (!class_name.empty() && method.find_first_of("#.:<") == kNone) {
    block += std::string(class_name) + "#";
  }
  block += method;
  if (block != text) name.Replace(std::move(block));
}

bool IsSeparator(char c) { return c == '+' || c == '.' || c == '/'; }

// D8: the method a compiler-made class or method belongs to.
void SimplifyDotnetAsync(SymbolText& name) {
  const std::string_view text = name.view();
  constexpr std::string_view kMoveNext = ".MoveNext";
  // Worker+<RunAsync>d__3.MoveNext
  const size_t close = text.rfind(">d__");
  if (close != kNone) {
    const size_t digits = RunLength(text, close + 4, IsDigit);
    const size_t open = text.rfind('<', close);
    if (digits > 0 && text.substr(close + 4 + digits).starts_with(kMoveNext) && open != kNone &&
        open + 1 < close && (open == 0 || IsSeparator(text[open - 1]))) {
      std::string method(text.substr(0, open == 0 ? 0 : open - 1));
      if (!method.empty()) method += ".";
      method += text.substr(open + 1, close - open - 1);
      method += text.substr(close + 4 + digits + kMoveNext.size());
      return name.Replace(std::move(method));
    }
  }
  // <>c.<Bar>b__2_0, <>c__DisplayClass5_0.<Bar>b__0
  const size_t holder = text.find("<>c");
  if (holder == kNone || (holder > 0 && !IsSeparator(text[holder - 1]))) return;
  const size_t word = RunLength(text, holder + 3, IsIdentifier);
  const size_t open = holder + 3 + word + 1;
  if (open >= text.size() || !IsSeparator(text[open - 1]) || text[open] != '<') return;
  const size_t end = text.find(">b__", open);
  if (end == kNone || end == open + 1) return;
  const size_t counter = RunLength(text, end + 4, [](char c) { return IsDigit(c) || c == '_'; });
  std::string method(text.substr(0, holder == 0 ? 0 : holder - 1));
  if (!method.empty()) method += ".";
  method += text.substr(open + 1, end - open - 1);
  method += text.substr(end + 4 + counter);
  name.Replace(std::move(method));
}

}  // namespace

void RepairInterpreted(const RuleContext& context, SymbolText& name) {
  if (context.Has(SymbolRule::kV8Tier)) StripV8Tier(name);
}

void StripInterpretedSuffix(const RuleContext& context, SymbolText& name) {
  if (name.Has('[') && context.Has(SymbolRule::kDotnetTier)) StripDotnetTier(name);
}

void SimplifyInterpreted(const RuleContext& context, std::string_view class_name,
                         SymbolText& name) {
  if (context.Has(SymbolRule::kRubyBlock)) SimplifyRubyBlock(class_name, name);
  if (name.Has('<') && context.Has(SymbolRule::kDotnetAsync)) SimplifyDotnetAsync(name);
}

void NameAnonymous(const RuleContext& context, std::string_view file, int64_t start_line,
                   SymbolText& name) {
  if (!name.view().empty() || file.empty() || !context.Has(SymbolRule::kNodeAnonymous)) return;
  std::string text = "(anonymous ";
  const std::string_view base = Basename(file);
  text += base.empty() ? file : base;
  if (start_line > 0) text += ":" + std::to_string(start_line);
  text += ")";
  name.Replace(std::move(text));
}

}  // namespace flameway
