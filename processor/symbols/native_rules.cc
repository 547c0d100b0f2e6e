// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/native_rules.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "processor/symbols/characters.h"
#include "processor/symbols/clone_suffix.h"
#include "processor/symbols/cpp_text.h"
#include "processor/symbols/itanium_demangler.h"
#include "processor/symbols/rust_names.h"
#include "processor/symbols/rust_v0_demangler.h"

namespace flameway {
namespace {

bool LooksMangled(std::string_view name) {
  if (name.starts_with("__")) name.remove_prefix(1);
  return name.starts_with("_Z") || (name.starts_with("_R") && name.size() > 2 && IsUpper(name[2]));
}

// A23. What names an address (A26), file@build+0x1f30, keeps its own.
void StripPerfOffset(SymbolText& name) {
  const std::string_view text = name.view();
  const size_t plus = text.rfind("+0x");
  if (plus == std::string_view::npos || plus == 0 || plus + 3 == text.size()) return;
  if (RunLength(text, plus + 3, IsHex) != text.size() - plus - 3) return;
  const size_t at = text.rfind('@', plus);
  if (at != std::string_view::npos && plus > at + 1 &&
      RunLength(text, at + 1, IsLowerHex) == plus - at - 1) {
    return;
  }
  name.KeepFirst(plus);
}

// A25: @plt, @@ANYTHING, @NAME_1.2
void StripSymbolVersion(SymbolText& name) {
  const std::string_view text = name.view();
  const size_t at = text.rfind('@');
  // MSVC's names have them as well: ?foo@@YAXXZ.
  if (at == std::string_view::npos || at == 0 || text.starts_with('?')) return;
  const std::string_view version = text.substr(at + 1);
  if (text[at - 1] == '@') {
    const bool is_version = !version.empty() && RunLength(version, 0, [](char c) {
                                                  return IsIdentifier(c) || c == '.';
                                                }) == version.size();
    if (is_version && at > 1) name.KeepFirst(at - 1);
    return;
  }
  if (version == "plt") return name.KeepFirst(at);
  const size_t word =
      RunLength(version, 0, [](char c) { return IsUpper(c) || IsDigit(c) || c == '_'; });
  if (word > 1 && IsUpper(version[0]) && version.find('_') < word && word < version.size() &&
      version[word] == '.' && RunLength(version, word, [](char c) {
                                return IsDigit(c) || c == '.';
                              }) == version.size() - word) {
    name.KeepFirst(at);
  }
}

// A18, A19
void RepairHalfDemangledRust(const RuleContext& context, SymbolText& name) {
  const std::string_view text = name.view();
  if (LooksMangled(text)) return;
  const bool has_hash = name.Has(':') && EndsWithRustHash(text);
  const bool has_escapes = name.Has('$') && (text.find("$LT$") != std::string_view::npos ||
                                             text.find("$u20$") != std::string_view::npos);
  const bool has_braces = name.Has('$') && text.find("$u7b$") != std::string_view::npos;
  if (context.Has(SymbolRule::kRustHalfDemangled)) {
    if (has_hash) name.KeepFirst(text.size() - 19);  // ::h and 16 digits
    if (has_escapes || (has_braces && has_hash)) {
      name.Replace(DecodeRustEscapes(name.view(), context.Has(SymbolRule::kRustClosureEscape)
                                                      ? RustBraces::kDecode
                                                      : RustBraces::kKeepEscaped));
      return;
    }
  }
  if (context.Has(SymbolRule::kRustClosureEscape) && has_braces) {
    name.Replace(DecodeRustBraces(name.view()));
  }
}

std::optional<std::string> DemangleCpp(const RuleContext& context, std::string_view mangled) {
  if (context.Has(SymbolRule::kDemangleFull)) return DemangleItanium(mangled, CppDetail::kFull);
  const bool keeps_templates = context.Has(SymbolRule::kDemangleTemplates);
  if (!keeps_templates && !context.Has(SymbolRule::kDemangleSimple)) return std::nullopt;
  std::optional<std::string> name =
      DemangleItanium(mangled, keeps_templates ? CppDetail::kTemplates : CppDetail::kName);
  if (!name) return std::nullopt;
  // Some abbreviations stand for names with template arguments: std::string in a constructor.
  std::optional<std::string> simple =
      SimplifyCpp(*name, keeps_templates ? TemplateArguments::kKeep : TemplateArguments::kDrop);
  if (simple) return simple;
  return name;
}

// A suffix nobody knows (`.resume`) stays behind the name. Dots are in legacy names, not in v0's.
std::optional<std::string> DemangleRust(const RuleContext& context, std::string_view mangled) {
  const bool is_v0 = mangled.starts_with("_R");
  if (!context.Has(is_v0 ? SymbolRule::kRustV0 : SymbolRule::kRustLegacy)) return std::nullopt;
  size_t end = std::string_view::npos;
  if (is_v0) {
    end = mangled.find('.');
  } else if (const size_t last = mangled.rfind("E."); last != std::string_view::npos) {
    end = last + 1;
  }
  const std::string_view body = mangled.substr(0, end);
  const std::string_view suffix = mangled.substr(body.size());
  const auto is_suffix = [](char c) { return IsIdentifier(c) || c == '.'; };
  if (suffix == "." || RunLength(suffix, 0, is_suffix) != suffix.size()) return std::nullopt;
  std::optional<std::string> name = is_v0 ? DemangleRustV0(body) : DemangleRustLegacy(body);
  if (name.has_value()) *name += suffix;
  return name;
}

std::optional<std::string> DemangleAny(const RuleContext& context, std::string_view mangled) {
  std::optional<std::string> name = DemangleRust(context, mangled);
  if (name.has_value() || mangled.starts_with("_R")) return name;
  return DemangleCpp(context, mangled);
}

// A12: what demanglers put in brackets is put back behind the name, where A9 finds it.
std::optional<std::string> WithPlainClones(std::string_view name) {
  std::string suffixes;
  for (;;) {
    size_t open = std::string_view::npos;
    size_t word = 0;
    if (name.ends_with(']')) {
      open = name.rfind(" [clone .");
      word = 8;
    } else if (name.ends_with(')')) {
      open = name.rfind(" (.");
      word = 2;
    }
    if (open == std::string_view::npos || open == 0) break;
    const std::string_view suffix = name.substr(open + word, name.size() - open - word - 1);
    if (RunLength(suffix, 0, [](char c) { return IsIdentifier(c) || c == '.'; }) != suffix.size()) {
      break;
    }
    suffixes.insert(0, suffix);
    name = name.substr(0, open);
    // Each turn inserts at the front; a name has a handful, a hostile one is left.
    if (suffixes.size() > 1024) return std::nullopt;
  }
  if (suffixes.empty()) return std::nullopt;
  return std::string(name) + suffixes;
}

// A13
void StripThunk(SymbolText& name) {
  for (const std::string_view prefix :
       {"non-virtual thunk to ", "virtual thunk to ", "covariant return thunk to "}) {
    if (name.view().starts_with(prefix) && name.size() > prefix.size()) {
      return name.DropFirst(prefix.size());
    }
  }
}

// Names of other languages that come as native frames: Go's, Objective-C's, Java's constructors,
// Rust's.
bool IsOtherLanguage(std::string_view text) {
  return text.starts_with("-[") || text.starts_with("+[") ||
         text.find(".(") != std::string_view::npos || text.find(".<") != std::string_view::npos ||
         text.find("[go.shape") != std::string_view::npos || IsRustText(text);
}

// GNU's words for the functions around thread-local variables, as LLVM has them.
void UnifyThreadLocal(SymbolText& name) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"TLS wrapper function for ", "thread-local wrapper routine for "},
      {"TLS init function for ", "thread-local initialization routine for "}};
  for (const auto& [gnu, llvm] : kWords) {
    if (!name.view().starts_with(gnu)) continue;
    return name.Replace(std::string(llvm) + std::string(name.view().substr(gnu.size())));
  }
}

void SimplifyDemangledCpp(const RuleContext& context, SymbolText& name) {
  if (name.view().starts_with('T') && context.demangle != DemangleMode::kNone &&
      context.Has(SymbolRule::kDemangledArguments)) {
    UnifyThreadLocal(name);
  }
  if (!name.Has('(') && !name.Has('<') && !name.Has('\'')) return;
  const std::string_view text = name.view();
  if (IsOtherLanguage(text)) return;
  if (context.demangle == DemangleMode::kNone) return;
  if (context.Has(SymbolRule::kDemangledArguments)) name.ReplaceIf(UnifyCppSpelling(text));
  if (context.demangle == DemangleMode::kFull) return;
  const bool is_plain = !name.Has('<') && name.view().find("::") == std::string_view::npos;
  const SymbolRule rule =
      is_plain ? SymbolRule::kTrailingQualifiers : SymbolRule::kDemangledArguments;
  if (!context.Has(rule)) return;
  name.ReplaceIf(SimplifyCpp(name.view(), context.demangle == DemangleMode::kTemplates
                                              ? TemplateArguments::kKeep
                                              : TemplateArguments::kDrop));
}

}  // namespace

void RepairNative(const RuleContext& context, SymbolText& name) {
  if (name.Has('+') && context.Has(SymbolRule::kPerfOffset)) StripPerfOffset(name);
  if (name.Has('@') && context.Has(SymbolRule::kSymbolVersion)) StripSymbolVersion(name);
  if (name.Has('$') || name.Has(':')) RepairHalfDemangledRust(context, name);
}

void DemangleNative(const RuleContext& context, SymbolText& name) {
  if (context.demangle == DemangleMode::kNone) return;
  std::string_view mangled = name.view();
  if (!LooksMangled(mangled)) return;
  if (mangled.starts_with("__")) {
    if (!context.Has(SymbolRule::kMacosUnderscore)) return;
    mangled.remove_prefix(1);
  }
  const size_t length = LengthWithoutCloneSuffix(mangled, {});
  if (length != mangled.size() && !context.Has(SymbolRule::kMangledClone)) return;
  name.ReplaceIf(DemangleAny(context, mangled.substr(0, length)));
}

void StripNativeSuffix(const RuleContext& context, SymbolText& name) {
  if (name.Has(' ') && context.Has(SymbolRule::kBracketClone)) {
    name.ReplaceIf(WithPlainClones(name.view()));
  }
  if (name.Has('.') && (!context.IsUntyped() || LooksMangled(name.view()))) {
    name.KeepFirst(LengthWithoutCloneSuffix(
        name.view(), {.clones = context.Has(SymbolRule::kCloneSuffix),
                      .promoted = context.Has(SymbolRule::kPromotedSuffix)}));
  }
  if (name.Has('[') && context.Has(SymbolRule::kAbiTag)) {
    name.ReplaceIf(WithoutAbiTags(name.view()));
  }
}

void SimplifyNative(const RuleContext& context, SymbolText& name) {
  if (name.Has(' ') && context.Has(SymbolRule::kThunk)) StripThunk(name);
  if (name.Has('[') && context.Has(SymbolRule::kRustCrateHash)) {
    name.ReplaceIf(WithoutCrateHashes(name.view()));
  }
  if (!context.IsUntyped()) SimplifyDemangledCpp(context, name);
  if (name.Has('(') && context.Has(SymbolRule::kAnonymousPrefix)) {
    constexpr std::string_view kPrefix = "(anonymous namespace)::";
    if (name.view().starts_with(kPrefix) && name.size() > kPrefix.size()) {
      name.DropFirst(kPrefix.size());
    }
  }
  if (name.Has(':') && context.Has(SymbolRule::kInlineStd)) {
    name.ReplaceIf(WithoutInlineStd(name.view()));
  }
  if (name.Has(':') && context.Has(SymbolRule::kClosure)) name.ReplaceIf(ClosureOwner(name.view()));
}

}  // namespace flameway
