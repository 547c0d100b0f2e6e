// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bridge/config/gateway_config.h"
#include "bridge/flow/gateway_options.h"

namespace flameway {

// What a checked configuration says, as bridge/flow builds it: ids become positions, options are
// bound to factories, and the memory limiters of all pipelines become the strictest one, because
// memory is one.
[[nodiscard]] GatewayOptions PlanGateway(const GatewayConfig& config);

// The lines that tell where data goes: "file -> ./profiles.otlp".
[[nodiscard]] std::vector<std::string> DescribeDestinations(const GatewayConfig& config);

}  // namespace flameway
