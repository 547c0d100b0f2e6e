// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/symbols/rule_context.h"
#include "processor/symbols/symbol_text.h"

namespace flameway {

// The rules for names of the Linux kernel (table E), one function for each phase. Linear. The mark
// `_[k]` is taken by TakeFrameMark.
void RepairKernel(const RuleContext& context, SymbolText& name);
void StripKernelSuffix(const RuleContext& context, SymbolText& name);
void SimplifyKernel(const RuleContext& context, SymbolText& name);

// E7: the part of the kernel a function belongs to, "network/tcp/read", by the start of its name;
// "" where it is not known. The text is static.
[[nodiscard]] std::string_view KernelAreaOf(std::string_view name);

}  // namespace flameway
