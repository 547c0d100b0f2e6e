// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/kernel_rules.h"

#include <cstddef>
#include <string>

#include "processor/symbols/characters.h"
#include "processor/symbols/clone_suffix.h"

namespace flameway {
namespace {

constexpr size_t kBpfTagDigits = 16;

// E3
void UnifySyscall(SymbolText& name) {
  static constexpr std::string_view kPrefixes[] = {
      "__x64_sys_",        "__ia32_sys_",  "__ia32_compat_sys_",  "__x32_compat_sys_",
      "__x64_compat_sys_", "__arm64_sys_", "__arm64_compat_sys_", "__riscv_sys_",
      "__s390x_sys_",      "__se_sys_",    "__do_sys_",           "ksys_"};
  for (const std::string_view prefix : kPrefixes) {
    if (!name.view().starts_with(prefix) || name.size() == prefix.size()) continue;
    return name.Replace("sys_" + std::string(name.view().substr(prefix.size())));
  }
}

// E4: the tag changes with every build of a program; a program without a name has only the tag.
void StripBpfTag(SymbolText& name) {
  constexpr std::string_view kPrefix = "bpf_prog_";
  const std::string_view text = name.view();
  if (!text.starts_with(kPrefix)) return;
  const size_t end = kPrefix.size() + kBpfTagDigits;
  if (RunLength(text, kPrefix.size(), IsLowerHex) != kBpfTagDigits) return;
  if (end + 1 >= text.size() || text[end] != '_') return;
  name.Replace(std::string(kPrefix) + std::string(text.substr(end + 1)));
}

// E6: foo [nf_conntrack], with a space or a tab before the module.
void StripModule(SymbolText& name) {
  const std::string_view text = name.view();
  if (!text.ends_with(']')) return;
  const size_t open = text.rfind('[');
  if (open == std::string_view::npos || open < 2 ||
      (text[open - 1] != ' ' && text[open - 1] != '\t')) {
    return;
  }
  if (RunLength(text, open + 1, [](char c) { return IsIdentifier(c) || c == '-'; }) !=
      text.size() - open - 2) {
    return;
  }
  name.KeepFirst(open - 1);
}

}  // namespace

void RepairKernel(const RuleContext& context, SymbolText& name) {
  constexpr std::string_view kPrefix = "__pfx_";
  if (context.Has(SymbolRule::kKernelPrefix) && name.view().starts_with(kPrefix) &&
      name.size() > kPrefix.size()) {
    name.DropFirst(kPrefix.size());
  }
  // A name that carries its module would hide its other suffixes.
  if (name.Has('[') && !context.IsUntyped() && context.Has(SymbolRule::kKernelModule)) {
    StripModule(name);
  }
}

void StripKernelSuffix(const RuleContext& context, SymbolText& name) {
  if (name.Has('.') && context.Has(SymbolRule::kKernelClone)) {
    name.KeepFirst(LengthWithoutCloneSuffix(name.view(), {}));
  }
  if (context.Has(SymbolRule::kBpfProgram)) StripBpfTag(name);
}

void SimplifyKernel(const RuleContext& context, SymbolText& name) {
  if (context.Has(SymbolRule::kSyscallWrapper)) UnifySyscall(name);
}

std::string_view KernelAreaOf(std::string_view name) {
  static constexpr struct {
    std::string_view start;
    std::string_view area;
  } kAreas[] = {
#define FLAMEWAY_KERNEL_AREA(start, area) {start, area},
#include "processor/symbols/kernel_areas.def"
#undef FLAMEWAY_KERNEL_AREA
  };
  size_t longest = 0;
  std::string_view found;
  for (const auto& [start, area] : kAreas) {
    if (start.size() <= longest || !name.starts_with(start)) continue;
    longest = start.size();
    found = area;
  }
  return found;
}

}  // namespace flameway
