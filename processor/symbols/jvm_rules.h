// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "processor/symbols/frame_type.h"
#include "processor/symbols/rule_context.h"
#include "processor/symbols/symbol_text.h"

namespace flameway {

// The rules for names of the JVM's languages (table B), one function for each phase. Linear.
void RepairJvm(const RuleContext& context, SymbolText& name);
void SimplifyJvm(const RuleContext& context, SymbolText& name);

// B16 and E1: the mark async-profiler and FlameGraph put behind a name, and what it says. The text
// loses the mark; kAbsent when there is none or its rule is off.
[[nodiscard]] FrameType TakeFrameMark(const RuleContext& context, SymbolText& name);

}  // namespace flameway
