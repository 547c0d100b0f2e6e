// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "processor/symbols/rule_context.h"

namespace flameway {

// B1 to B10 and B17: the counters, addresses and hashes in names of classes that a JVM or a library
// generates while it runs. Each is replaced by `_` (or dropped, B17). Nothing if nothing changes.
// One pass over the name.
[[nodiscard]] std::optional<std::string> WithoutGeneratedParts(const RuleContext& context,
                                                               std::string_view name);

}  // namespace flameway
