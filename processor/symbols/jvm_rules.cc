// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/jvm_rules.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "processor/symbols/characters.h"
#include "processor/symbols/jvm_generated.h"

namespace flameway {
namespace {

constexpr size_t kNone = std::string_view::npos;

// The length of one type of a JVM descriptor at `from`, or 0: `[[I`, `Ljava/lang/Object;`.
size_t DescriptorLength(std::string_view text, size_t from) {
  const size_t dimensions = RunLength(text, from, [](char c) { return c == '['; });
  const size_t at = from + dimensions;
  if (at >= text.size()) return 0;
  if (std::string_view("BCDFIJSZV").find(text[at]) != kNone) return dimensions + 1;
  if (text[at] != 'L') return 0;
  const size_t name =
      RunLength(text, at + 1, [](char c) { return IsIdentifier(c) || c == '/' || c == '-'; });
  const size_t end = at + 1 + name;
  return name > 0 && end < text.size() && text[end] == ';' ? dimensions + name + 2 : 0;
}

// Whether `text` is a method descriptor as a whole: `(Ljava/lang/Object;I)V`.
bool IsMethodDescriptor(std::string_view text) {
  if (!text.starts_with('(')) return false;
  size_t at = 1;
  while (at < text.size() && text[at] != ')') {
    const size_t size = DescriptorLength(text, at);
    if (size == 0) return false;
    at += size;
  }
  if (at >= text.size()) return false;
  const size_t result = DescriptorLength(text, at + 1);
  return result > 0 && at + 1 + result == text.size();
}

// B14
void StripDescriptor(SymbolText& name) {
  const std::string_view text = name.view();
  if (text.starts_with('L') && name.Has(';')) {
    const size_t semicolon = text.find(';');
    const std::string_view rest = text.substr(semicolon + 1);
    const std::string_view class_name = text.substr(1, semicolon - 1);
    const bool is_class =
        !class_name.empty() && RunLength(class_name, 0, [](char c) {
                                 return IsIdentifier(c) || c == '/' || c == '.' || c == '-';
                               }) == class_name.size();
    const size_t separator = rest.starts_with("::") ? 2 : rest.starts_with('.') ? 1 : 0;
    if (is_class && separator > 0) {
      const std::string_view method = rest.substr(separator);
      name.Replace(std::string(class_name) + "." + std::string(method.substr(0, method.find('('))));
      return;
    }
  }
  const size_t open = text.find('(');
  if (open != kNone && open > 0 && IsMethodDescriptor(text.substr(open))) name.KeepFirst(open);
}

// The part of a name that says class and method: `boolean java.lang.Foo.bar(byte[])`.
struct MethodPart {
  size_t start;
  size_t end;
};
MethodPart FindMethod(std::string_view text) {
  const size_t end = std::min(text.find('('), text.size());
  const size_t space = text.substr(0, end).rfind(' ');
  return {space == kNone ? 0 : space + 1, end};
}

// B13
void StripSignature(SymbolText& name) {
  const MethodPart method = FindMethod(name.view());
  if (method.end == name.size() || method.start == method.end) return;
  name.KeepFirst(method.end);
  name.DropFirst(method.start);
}

// B15
void UnifySeparator(JvmSeparator separator, SymbolText& name) {
  const MethodPart method = FindMethod(name.view());
  std::string text(name.view());
  const size_t last_dot = text.substr(0, method.end).rfind('.');
  for (size_t i = method.start; i < method.end; ++i) {
    if (separator == JvmSeparator::kDot && text[i] == '/') text[i] = '.';
    if (separator == JvmSeparator::kSlash && text[i] == '.' && i != last_dot) text[i] = '/';
  }
  if (text != name.view()) name.Replace(std::move(text));
}

// B18: packages in lower case, then Class.method, as pprof shows them.
void StripPackage(SymbolText& name) {
  const std::string_view text = name.view();
  const size_t end = std::min(text.find('('), text.size());
  size_t at = 0;
  while (at < end && IsLower(text[at])) {
    const size_t word = RunLength(text, at, [](char c) { return IsAlnum(c) || c == '_'; });
    if (at + word >= end || (text[at + word] != '.' && text[at + word] != '/')) return;
    at += word + 1;
  }
  if (at == 0 && end == text.size()) return;
  if (at >= end || !IsUpper(text[at])) return;
  const size_t dot = at + RunLength(text, at, IsIdentifier);
  if (dot >= end || text[dot] != '.') return;
  const std::string_view method = text.substr(dot + 1, end - dot - 1);
  const bool is_method =
      method == "<init>" || (!method.empty() && IsLower(method[0]) &&
                             RunLength(method, 0, IsIdentifier) == method.size());
  if (!is_method) return;
  name.KeepFirst(end);
  name.DropFirst(at);
}

// Drops the digits behind each `marker`; with `between`, an identifier and a `$` stand before them.
enum class BeforeDigits : uint8_t { kNothing, kIdentifier };
void DropCounters(std::string_view marker, BeforeDigits before, std::string_view replacement,
                  SymbolText& name) {
  const std::string_view text = name.view();
  std::string out;
  size_t copied = 0;
  for (size_t at = text.find(marker); at != kNone; at = text.find(marker, at + 1)) {
    size_t digits_at = at + marker.size();
    if (before == BeforeDigits::kIdentifier) {
      const size_t word =
          RunLength(text, digits_at, [](char c) { return IsIdentifier(c) && c != '$'; });
      if (word == 0 || !text.substr(digits_at + word).starts_with('$')) continue;
      digits_at += word + 1;
    }
    const size_t digits = RunLength(text, digits_at, IsDigit);
    const size_t end = digits_at + digits;
    if (digits == 0 || digits_at < copied) continue;
    if (end < text.size() && IsIdentifier(text[end]) && text[end] != '$') continue;
    out += text.substr(copied, digits_at - copied);
    out += replacement;
    copied = end;
  }
  if (copied == 0) return;
  out += text.substr(copied);
  name.Replace(std::move(out));
}

// Scala's operators, as in $plus$plus.
void DecodeScalaOperators(SymbolText& name) {
  static constexpr struct {
    std::string_view word;
    char character;
  } kOperators[] = {{"$plus", '+'},  {"$minus", '-'},  {"$times", '*'},   {"$div", '/'},
                    {"$eq", '='},    {"$less", '<'},   {"$greater", '>'}, {"$bang", '!'},
                    {"$at", '@'},    {"$hash", '#'},   {"$percent", '%'}, {"$up", '^'},
                    {"$amp", '&'},   {"$bar", '|'},    {"$tilde", '~'},   {"$colon", ':'},
                    {"$qmark", '?'}, {"$bslash", '\\'}};
  const std::string_view text = name.view();
  std::string out;
  bool changed = false;
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const auto* const found =
        std::find_if(std::begin(kOperators), std::end(kOperators), [rest](const auto& row) {
          return rest.starts_with(row.word) &&
                 (rest.size() == row.word.size() || !IsAlnum(rest[row.word.size()]));
        });
    if (rest[0] == '$' && found != std::end(kOperators)) {
      out.push_back(found->character);
      i += found->word.size();
      changed = true;
    } else {
      out.push_back(text[i++]);
    }
  }
  if (changed) name.Replace(std::move(out));
}

// B20
void SimplifyOtherLanguages(SymbolText& name) {
  DropCounters("_closure", BeforeDigits::kNothing, "_", name);
  DropCounters("$anonfun$", BeforeDigits::kNothing, "", name);
  DropCounters("$anonfun$", BeforeDigits::kIdentifier, "", name);
  DropCounters("$lambda$", BeforeDigits::kNothing, "", name);
  DecodeScalaOperators(name);
}

// B21
void SimplifyAndroidLambda(SymbolText& name) {
  DropCounters("$$ExternalSyntheticLambda", BeforeDigits::kNothing, "_", name);
  constexpr std::string_view kR8 = "$r8$lambda$";
  const std::string_view text = name.view();
  const size_t at = text.find(kR8);
  if (at == kNone) return;
  const size_t start = at + kR8.size();
  const size_t hash =
      RunLength(text, start, [](char c) { return IsAlnum(c) || c == '-' || c == '_'; });
  if (hash == 0 || text.substr(start, hash) == "_") return;
  name.Replace(std::string(text.substr(0, start)) + "_" + std::string(text.substr(start + hash)));
}

}  // namespace

FrameType TakeFrameMark(const RuleContext& context, SymbolText& name) {
  const std::string_view text = name.view();
  if (text.size() < 5 || text.back() != ']' || !text.substr(text.size() - 4).starts_with("_[")) {
    return FrameType::kAbsent;
  }
  const char mark = text[text.size() - 2];
  const bool is_kernel = mark == 'k';
  const bool is_jvm = mark == 'j' || mark == 'i' || mark == '0' || mark == '1';
  const SymbolRule rule = is_kernel ? SymbolRule::kKernelMark : SymbolRule::kJvmMark;
  if ((!is_kernel && !is_jvm) || !context.Has(rule)) return FrameType::kAbsent;
  name.KeepFirst(text.size() - 4);
  return is_kernel ? FrameType::kKernel : FrameType::kJvm;
}

void RepairJvm(const RuleContext& context, SymbolText& name) {
  if ((name.Has('(') || name.Has(';')) && context.Has(SymbolRule::kJvmDescriptor)) {
    StripDescriptor(name);
  }
}

void SimplifyJvm(const RuleContext& context, SymbolText& name) {
  if (name.Has('$') || name.Has('/') || (name.Has('.') && name.Has('x')) || name.Has('G')) {
    name.ReplaceIf(WithoutGeneratedParts(context, name.view()));
  }
  if (context.Has(SymbolRule::kJvmSignature)) StripSignature(name);
  if (context.Has(SymbolRule::kLambdaMethod)) {
    DropCounters("lambda$", BeforeDigits::kIdentifier, "", name);
  }
  if (context.Has(SymbolRule::kJvmLanguages)) SimplifyOtherLanguages(name);
  if (context.Has(SymbolRule::kAndroidLambda)) SimplifyAndroidLambda(name);
  if (context.Has(SymbolRule::kJvmPackage)) StripPackage(name);
  if (context.Has(SymbolRule::kJvmSeparator)) UnifySeparator(context.jvm_separator, name);
}

}  // namespace flameway
