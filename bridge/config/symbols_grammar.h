// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/config/section.h"
#include "processor/transform/processor_options.h"

namespace flameway {

// The block of a `symbols` processor. What its names and patterns mean is judged when it is
// compiled.
void DescribeSymbols(Section& section, SymbolsOptions& options);

}  // namespace flameway
