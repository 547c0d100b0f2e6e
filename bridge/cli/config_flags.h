// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bridge/cli/console.h"
#include "bridge/config/diagnostic.h"
#include "bridge/config/load_config.h"

namespace flameway {

// Loads what --config, --set and --feature-gates name; without --config what FLAMEWAY_CONFIG names,
// else the built-in default. Findings about the gates are among the diagnostics, and an error among
// those leaves `config` unset.
[[nodiscard]] LoadResult LoadFromFlags(const Console& console);

// All findings, in colour where errors are.
void TellDiagnostics(const std::vector<Diagnostic>& diagnostics, const Console& console);

}  // namespace flameway
