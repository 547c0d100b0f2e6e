// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// The UTF-8 text of `ascii` with the code points inserted that `deltas` tells (RFC 3492, parameters
// of IDNA, lower-case digits). Nothing if `deltas` is not valid or the text would have more than
// 256 characters: decoding is quadratic in them.
[[nodiscard]] std::optional<std::string> DecodePunycode(std::string_view ascii,
                                                        std::string_view deltas);

// Appends `code_point` as UTF-8; false, and nothing appended, for what is no character.
[[nodiscard]] bool AppendUtf8(char32_t code_point, std::string& out);

}  // namespace flameway
