// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "bridge/config/gateway_config.h"
#include "bridge/config/section.h"

namespace flameway {

// The processor a type name stands for, with its defaults; old names included. nullopt: not one of
// ours.
[[nodiscard]] std::optional<ProcessorConfig> DefaultProcessor(std::string_view type,
                                                              Coalesce coalesce);

// The block of one processor of type `type`. `total_memory_bytes` is what percentages are of, 0 if
// unknown.
void DescribeProcessor(Section& section, std::string_view type, size_t total_memory_bytes,
                       ProcessorConfig& processor);

}  // namespace flameway
