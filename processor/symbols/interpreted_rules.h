// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "processor/symbols/rule_context.h"
#include "processor/symbols/symbol_text.h"

namespace flameway {

// The rules for names of interpreted and managed languages (table D), one function for each phase.
// Linear.
void RepairInterpreted(const RuleContext& context, SymbolText& name);
void StripInterpretedSuffix(const RuleContext& context, SymbolText& name);
void SimplifyInterpreted(const RuleContext& context, std::string_view class_name, SymbolText& name);

// D4: a name for a function of JavaScript that has none. `file` may end in `:line` itself;
// `start_line` is 0 when unknown.
void NameAnonymous(const RuleContext& context, std::string_view file, int64_t start_line,
                   SymbolText& name);

}  // namespace flameway
