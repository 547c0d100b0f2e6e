// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include "processor/symbols/rule.h"
#include "processor/symbols/symbol_options.h"

namespace flameway {

// The rules that are on under `options`: defaults, then families, then single switches, then what
// the demangle mode and filled options turn on. Errors name the switch.
[[nodiscard]] absl::StatusOr<SymbolRuleSet> EnabledRules(const SymbolOptions& options);

}  // namespace flameway
