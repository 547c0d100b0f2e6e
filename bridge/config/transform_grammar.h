// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "bridge/config/section.h"
#include "processor/transform/plan.h"
#include "processor/transform/processor_options.h"

namespace flameway {

// The processor of a type that transforms rows, with its defaults. nullopt: the type is none of
// them.
[[nodiscard]] std::optional<TransformOptions> DefaultTransform(std::string_view type);

// The block of one processor of type `type`. Compiles what it says, so that all that is wrong with
// it is reported where it was written; null when something is.
[[nodiscard]] std::shared_ptr<const TransformRecipe> DescribeTransform(Section& section,
                                                                       std::string_view type,
                                                                       TransformOptions& options);

}  // namespace flameway
