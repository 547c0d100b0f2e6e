// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "processor/ottl/value.h"

namespace flameway::ottl {

// The text of a value where the language asks for "something like a string" (String, Concat,
// IsMatch): strings as they are, bytes in hex, the rest as JSON with sorted keys and base64 bytes.
// Nothing when a number in it is not finite. `value` is not nil. Copies into the arena only what is
// no string.
[[nodiscard]] std::optional<std::string_view> StringLike(const Value& value, Arena& arena);

// The text pdata gives a value (attribute actions, redaction, elements of a list handed to Concat):
// nil is empty, bytes are base64, JSON is less escaped, nan and infinities have names.
[[nodiscard]] std::string_view PlainText(const Value& value, Arena& arena);

}  // namespace flameway::ottl
