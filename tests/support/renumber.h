// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "proto/otlp/dialect.h"

namespace flameway {

// Rewrites the bytes of a request from one dialect's field numbers to another's. Everything that
// has the same number in both stays byte for byte, packed or not, in its order; what the target
// does not have is dropped (comments and aggregation temporality of 1.8). References in attributes
// exist in 1.10 only and are not looked for: renumber requests without them.
[[nodiscard]] absl::StatusOr<std::string> Renumber(std::string_view request, Dialect from,
                                                   Dialect to);

}  // namespace flameway
