// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/ottl/value.h"

namespace flameway::ottl {

// Every code point by its simple mapping of Unicode 15, as Go does: one to one, no locale, no
// special casing. A broken byte becomes U+FFFD. Returns `text` itself when nothing changes.
[[nodiscard]] std::string_view ToLower(std::string_view text, Arena& arena);
[[nodiscard]] std::string_view ToUpper(std::string_view text, Arena& arena);

}  // namespace flameway::ottl
