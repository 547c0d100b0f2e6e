// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "bridge/config/config_node.h"

namespace flameway {

// Where byte `offset` of a scalar's text was written: for plain and quoted scalars on one line.
// nullopt for block and folded ones, and where a substitution stands before it.
[[nodiscard]] std::optional<Origin> PlaceInScalar(const ConfigNode& scalar, size_t offset,
                                                  const std::vector<SourceText>& sources);

}  // namespace flameway
