// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "processor/ottl/function.h"

namespace flameway::ottl {

// All converters. To add one: its parameters, its function and its line in converters.cc, its row
// in docs/ottl.md, its cases in testdata/ottl/.
[[nodiscard]] std::span<const Function> Converters();

}  // namespace flameway::ottl
