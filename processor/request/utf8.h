// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "processor/request/scratch.h"

namespace flameway {

// Bytes at the start of `text` that are well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, no
// overlong forms). ASCII costs an eighth of a step a byte.
[[nodiscard]] size_t ValidUtf8Prefix(std::string_view text);

// `text` itself when it is well formed; else a copy with each maximal broken part replaced by
// U+FFFD, as browsers do.
[[nodiscard]] std::string_view RepairUtf8(std::string_view text, Scratch& scratch);

}  // namespace flameway
