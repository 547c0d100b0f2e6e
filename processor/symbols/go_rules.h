// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "processor/symbols/rule_context.h"
#include "processor/symbols/symbol_text.h"

namespace flameway {

// The rules for Go names (table C), one function for each phase. Linear.
void RepairGo(const RuleContext& context, SymbolText& name);
void StripGoSuffix(const RuleContext& context, SymbolText& name);
void SimplifyGo(const RuleContext& context, SymbolText& name);

}  // namespace flameway
