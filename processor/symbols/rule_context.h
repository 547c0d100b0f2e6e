// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "processor/symbols/rule.h"
#include "processor/symbols/symbol_options.h"

namespace flameway {

// What rules may look at besides the text they work on. Refers to its owner, the normalizer.
struct RuleContext {
  const SymbolRuleSet& rules;  // those that are on and let the frame type in
  FrameType type;
  DemangleMode demangle;
  JvmSeparator jvm_separator;
  std::span<const std::string> trim_prefixes;

  [[nodiscard]] bool Has(SymbolRule rule) const { return rules.Has(rule); }
  [[nodiscard]] bool IsUntyped() const {
    return type == FrameType::kAbsent || type == FrameType::kUnknown;
  }
};

}  // namespace flameway
