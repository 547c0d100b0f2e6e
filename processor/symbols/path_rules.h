// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/symbols/rule_context.h"
#include "processor/symbols/symbol_text.h"

namespace flameway {

// The rules for the file a function stands in (F1 to F6, F9, F10, D2, D7) and for the file of a
// mapping (F1, F2, F5, F6, F7, F10, B11, B12, E6). Linear.
void NormalizeSourcePath(const RuleContext& context, SymbolText& path);
void NormalizeMappingPath(const RuleContext& context, SymbolText& path);

// F8: `libc` for /usr/lib/libc.so.6; "" for what is not a shared library. Part of `path`.
[[nodiscard]] std::string_view LibraryNameOf(std::string_view path);

}  // namespace flameway
