// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "processor/symbols/symbol_normalizer.h"

namespace flameway {

enum class CaseText : uint8_t { kName, kFile, kMapping };
// What the input becomes without the rule: usually itself. Some inputs are changed by others too.
enum class WithoutRule : uint8_t { kUntouched, kOther };

// One row of docs/symbols.md: what a rule makes of a text. `rule` is switched on if it is off by
// default, and then `input` must come back as it is without.
struct SymbolCase {
  std::string_view rule;  // "native.clone_suffix"
  std::string_view input;
  std::string_view output;
  FrameType type = FrameType::kNative;
  DemangleMode demangle = DemangleMode::kSimple;
  CaseText text = CaseText::kName;
  WithoutRule without = WithoutRule::kUntouched;
};
std::ostream& operator<<(std::ostream& out, const SymbolCase& symbol_case);

// The cases of each family; the laws hold for all of them.
std::span<const SymbolCase> NativeCases();
std::span<const SymbolCase> RustCases();
std::span<const SymbolCase> JvmCases();
std::span<const SymbolCase> GoCases();
std::span<const SymbolCase> InterpretedCases();
std::span<const SymbolCase> KernelCases();
std::span<const SymbolCase> PathCases();

// A normalizer that must be possible.
SymbolNormalizer MakeNormalizer(const SymbolOptions& options = {});
SymbolNormalizer NormalizerFor(const SymbolCase& symbol_case, SwitchState state);

// The text after normalizing, changed or not.
std::string TextAfter(const SymbolNormalizer& normalizer, const SymbolCase& symbol_case);
std::string NameAfter(const SymbolNormalizer& normalizer, std::string_view name, FrameType type);

// Checks a family's cases: the output with the rule, and the input without it.
void ExpectCases(std::span<const SymbolCase> cases);

}  // namespace flameway
