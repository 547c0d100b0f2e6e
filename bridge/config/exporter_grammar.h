// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "bridge/config/gateway_config.h"
#include "bridge/config/section.h"

namespace flameway {

// The exporter a type name stands for, with its defaults; old names included. nullopt: not one of
// ours.
[[nodiscard]] std::optional<ExporterConfig> DefaultExporter(std::string_view type);

// The block of one exporter; which keys it has depends on the alternative in `exporter.options`.
// `coalesce` is the gateway's, the default of an own batch. See docs/configuration.md, Exporters.
void DescribeExporter(Section& section, Coalesce coalesce, ExporterConfig& exporter);

}  // namespace flameway
