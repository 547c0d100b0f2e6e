// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bridge/config/component_table.h"
#include "bridge/config/config_node.h"
#include "bridge/config/diagnostic.h"
#include "bridge/config/gateway_config.h"

namespace flameway {

// Reads service.pipelines. References are checked and marked as used in `components`; batch and
// memory limiter are taken from `processors`, the ones already read. `service` is where a missing
// block is reported.
[[nodiscard]] std::vector<PipelineConfig> ReadPipelines(
    const ConfigNode* pipelines, Origin service, const std::vector<ProcessorConfig>& processors,
    ComponentTable& components, DiagnosticLog& log);

}  // namespace flameway
