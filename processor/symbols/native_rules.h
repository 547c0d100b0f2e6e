// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "processor/symbols/rule_context.h"
#include "processor/symbols/symbol_text.h"

namespace flameway {

// The rules for names of native code (table A), one function for each phase. Linear.
void RepairNative(const RuleContext& context, SymbolText& name);
void DemangleNative(const RuleContext& context, SymbolText& name);
void StripNativeSuffix(const RuleContext& context, SymbolText& name);
void SimplifyNative(const RuleContext& context, SymbolText& name);

}  // namespace flameway
