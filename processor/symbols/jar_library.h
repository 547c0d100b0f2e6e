// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "processor/symbols/rule_context.h"

namespace flameway {

// B11 and B12: one name for the copies of a native library that Java programs unpack from a jar
// into a folder for temporary files, under a random name. The folder goes as well. Nothing for
// other paths.
[[nodiscard]] std::optional<std::string> JarLibraryName(const RuleContext& context,
                                                        std::string_view path);

}  // namespace flameway
