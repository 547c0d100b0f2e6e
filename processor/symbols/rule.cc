// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/rule.h"

#include <array>
#include <iterator>

namespace flameway {
namespace {

constexpr FrameTypes kNativeGate{FrameType::kNative, FrameType::kRust};
constexpr FrameTypes kJvmGate{FrameType::kJvm};
constexpr FrameTypes kGoGate{FrameType::kGo};
constexpr FrameTypes kKernelGate{FrameType::kKernel};
constexpr FrameTypes kUntyped{FrameType::kAbsent, FrameType::kUnknown};

constexpr SymbolRuleRow kRules[] = {
#define FLAMEWAY_SYMBOL_RULE(enumerator, id, name, family, phase, state, gate, description)  \
  {SymbolRule::enumerator, id,  name, description, SymbolFamily::family, SymbolPhase::phase, \
   RuleState::state,       gate},
#include "processor/symbols/rules.def"
#undef FLAMEWAY_SYMBOL_RULE
};

constexpr std::string_view kFamilyWords[] = {"native",      "jvm",    "go",
                                             "interpreted", "kernel", "paths"};

}  // namespace

std::span<const SymbolRuleRow> SymbolRules() { return kRules; }

std::optional<SymbolRule> FindSymbolRule(std::string_view name) {
  for (const SymbolRuleRow& row : kRules) {
    if (row.name == name) return row.rule;
  }
  return std::nullopt;
}

std::string_view SymbolFamilyWord(SymbolFamily family) {
  return kFamilyWords[static_cast<size_t>(family)];
}

std::optional<SymbolFamily> FindSymbolFamily(std::string_view word) {
  for (size_t i = 0; i < std::size(kFamilyWords); ++i) {
    if (kFamilyWords[i] == word) return static_cast<SymbolFamily>(i);
  }
  return std::nullopt;
}

SymbolRuleSet SymbolRuleSet::For(FrameType type) const {
  SymbolRuleSet gated;
  for (const SymbolRuleRow& row : kRules) {
    if (Has(row.rule) && row.gate.Has(type)) gated.Set(row.rule);
  }
  return gated;
}

}  // namespace flameway
