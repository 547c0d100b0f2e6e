// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace flameway {

// Appends `text` as the inside of a JSON string: quotes, backslashes, control characters and DEL
// escaped, bytes that are not UTF-8 replaced by U+FFFD each.
void AppendJsonText(std::string_view text, std::string* out);

// The same between quotes.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace flameway
