// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/symbols/symbol_cases.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <optional>

namespace flameway {
namespace {

const SymbolRuleRow& RowOf(std::string_view rule) {
  const std::optional<SymbolRule> found = FindSymbolRule(rule);
  if (!found) {
    std::cerr << "no rule " << rule << "\n";
    std::abort();
  }
  return SymbolRules()[static_cast<size_t>(*found)];
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const SymbolCase& symbol_case) {
  return out << RowOf(symbol_case.rule).id << " " << symbol_case.rule << " `"
             << symbol_case.input.substr(0, 300) << "`";
}

SymbolNormalizer MakeNormalizer(const SymbolOptions& options) {
  absl::StatusOr<SymbolNormalizer> normalizer = SymbolNormalizer::Create(options);
  if (!normalizer.ok()) {
    std::cerr << normalizer.status() << "\n";
    std::abort();
  }
  return *std::move(normalizer);
}

SymbolNormalizer NormalizerFor(const SymbolCase& symbol_case, SwitchState state) {
  SymbolOptions options;
  options.demangle = symbol_case.demangle;
  const SymbolRuleRow& row = RowOf(symbol_case.rule);
  if (row.rule == SymbolRule::kTrimPrefix) options.trim_prefixes = {"/some/remote/path"};
  const bool can_switch = row.state == RuleState::kOn || row.state == RuleState::kOff ||
                          (state == SwitchState::kOff && row.state != RuleState::kAlways);
  if (can_switch) options.switches = {{std::string(row.name), state}};
  return MakeNormalizer(options);
}

std::string NameAfter(const SymbolNormalizer& normalizer, std::string_view name, FrameType type) {
  return normalizer.NormalizeFunctionName({.name = name, .type = type})
      .text.value_or(std::string(name));
}

std::string TextAfter(const SymbolNormalizer& normalizer, const SymbolCase& symbol_case) {
  const std::string input(symbol_case.input);
  switch (symbol_case.text) {
    case CaseText::kFile:
      return normalizer.NormalizeFileName(input, symbol_case.type).value_or(input);
    case CaseText::kMapping:
      return normalizer.NormalizeMappingName(input, symbol_case.type).value_or(input);
    case CaseText::kName:
      break;
  }
  return NameAfter(normalizer, input, symbol_case.type);
}

void ExpectCases(std::span<const SymbolCase> cases) {
  ASSERT_FALSE(cases.empty());
  for (const SymbolCase& symbol_case : cases) {
    SCOPED_TRACE(symbol_case);
    EXPECT_EQ(TextAfter(NormalizerFor(symbol_case, SwitchState::kOn), symbol_case),
              symbol_case.output);
    if (symbol_case.without == WithoutRule::kOther) continue;
    EXPECT_EQ(TextAfter(NormalizerFor(symbol_case, SwitchState::kOff), symbol_case),
              RowOf(symbol_case.rule).state == RuleState::kAlways ? symbol_case.output
                                                                  : symbol_case.input);
  }
}

}  // namespace flameway
