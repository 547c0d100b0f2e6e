// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "processor/symbols/frame_type.h"

namespace flameway {

enum class SymbolFamily : uint8_t { kNative, kJvm, kGo, kInterpreted, kKernel, kPaths };

// The order in which rules see a name. kFrames: rules that choose frames of a stack.
enum class SymbolPhase : uint8_t {
  kRepair,
  kDemangle,
  kSuffix,
  kLanguage,
  kPath,
  kFallback,
  kFrames
};

enum class RuleState : uint8_t { kOff, kOn, kByMode, kByOption, kAlways };

enum class SymbolRule : uint8_t {
#define FLAMEWAY_SYMBOL_RULE(enumerator, id, name, family, phase, state, gate, description) \
  enumerator,
#include "processor/symbols/rules.def"
#undef FLAMEWAY_SYMBOL_RULE
};

inline constexpr size_t kSymbolRuleCount = 0
#define FLAMEWAY_SYMBOL_RULE(enumerator, id, name, family, phase, state, gate, description) +1
#include "processor/symbols/rules.def"
#undef FLAMEWAY_SYMBOL_RULE
    ;

struct SymbolRuleRow {
  SymbolRule rule;
  std::string_view id;           // "A9"
  std::string_view name;         // "native.clone_suffix"
  std::string_view description;  // one line
  SymbolFamily family;
  SymbolPhase phase;
  RuleState state;  // the default
  FrameTypes gate;
};

// All rules, in the order of SymbolRule.
[[nodiscard]] std::span<const SymbolRuleRow> SymbolRules();
[[nodiscard]] std::optional<SymbolRule> FindSymbolRule(std::string_view name);
[[nodiscard]] std::string_view SymbolFamilyWord(SymbolFamily family);  // "native"
[[nodiscard]] std::optional<SymbolFamily> FindSymbolFamily(std::string_view word);

// Rules that are on.
class SymbolRuleSet {
 public:
  [[nodiscard]] bool Has(SymbolRule rule) const { return bits_[static_cast<size_t>(rule)]; }
  void Set(SymbolRule rule) { bits_.set(static_cast<size_t>(rule)); }
  void Clear(SymbolRule rule) { bits_.reset(static_cast<size_t>(rule)); }
  [[nodiscard]] SymbolRuleSet For(FrameType type) const;  // those whose gate lets `type` in
  bool operator==(const SymbolRuleSet&) const = default;

 private:
  std::bitset<kSymbolRuleCount> bits_;
};

}  // namespace flameway
