// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/enabled_rules.h"

#include <absl/status/status.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {
namespace {

constexpr size_t kFamilies = 6;

// The one C++ rule a demangle mode stands for.
std::optional<SymbolRule> RuleOfMode(DemangleMode mode) {
  switch (mode) {
    case DemangleMode::kNone:
      return std::nullopt;
    case DemangleMode::kSimple:
      return SymbolRule::kDemangleSimple;
    case DemangleMode::kTemplates:
      return SymbolRule::kDemangleTemplates;
    case DemangleMode::kFull:
      return SymbolRule::kDemangleFull;
  }
  return std::nullopt;
}

absl::Status CheckSwitch(const RuleSwitch& wanted, const SymbolRuleRow& row,
                         const SymbolOptions& options) {
  const bool is_on = wanted.state == SwitchState::kOn;
  if (row.state == RuleState::kAlways && !is_on) {
    return absl::InvalidArgumentError("rule " + wanted.name +
                                      " always holds and cannot be switched off");
  }
  if (row.state == RuleState::kByMode && is_on && RuleOfMode(options.demangle) != row.rule) {
    return absl::InvalidArgumentError("rule " + wanted.name +
                                      " is switched on by the demangle mode");
  }
  if (row.state == RuleState::kByOption && is_on && options.trim_prefixes.empty()) {
    return absl::InvalidArgumentError("rule " + wanted.name +
                                      " is switched on by listing prefixes to trim");
  }
  return absl::OkStatus();
}

bool IsOnByDefault(const SymbolRuleRow& row, const SymbolOptions& options) {
  switch (row.state) {
    case RuleState::kOff:
      return false;
    case RuleState::kByMode:
      return RuleOfMode(options.demangle) == row.rule;
    case RuleState::kByOption:
      return !options.trim_prefixes.empty();
    case RuleState::kOn:
    case RuleState::kAlways:
      return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<SymbolRuleSet> EnabledRules(const SymbolOptions& options) {
  std::array<SwitchState, kFamilies> families;
  families.fill(SwitchState::kOn);
  std::array<std::optional<SwitchState>, kSymbolRuleCount> single;
  for (const RuleSwitch& wanted : options.switches) {
    if (const std::optional<SymbolFamily> family = FindSymbolFamily(wanted.name)) {
      families[static_cast<size_t>(*family)] = wanted.state;
      continue;
    }
    const std::optional<SymbolRule> rule = FindSymbolRule(wanted.name);
    if (!rule) {
      return absl::InvalidArgumentError("no rule or family is called " + wanted.name);
    }
    const SymbolRuleRow& row = SymbolRules()[static_cast<size_t>(*rule)];
    if (absl::Status status = CheckSwitch(wanted, row, options); !status.ok()) return status;
    single[static_cast<size_t>(*rule)] = wanted.state;
  }
  SymbolRuleSet rules;
  for (const SymbolRuleRow& row : SymbolRules()) {
    const bool is_family_on = families[static_cast<size_t>(row.family)] == SwitchState::kOn;
    const std::optional<SwitchState> own = single[static_cast<size_t>(row.rule)];
    const bool is_on =
        own ? *own == SwitchState::kOn
            : (is_family_on || row.state == RuleState::kAlways) && IsOnByDefault(row, options);
    if (is_on) rules.Set(row.rule);
  }
  return rules;
}

}  // namespace flameway
