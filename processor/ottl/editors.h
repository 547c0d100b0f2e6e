// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "processor/ottl/function.h"

namespace flameway::ottl {

// All editors; to add one, as in converters.h.
[[nodiscard]] std::span<const Function> Editors();

// `set` as the Collector had it up to 0.161: a nil value changes nothing.
[[nodiscard]] const Function& SetThatSkipsNil();

}  // namespace flameway::ottl
