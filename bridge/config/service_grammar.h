// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/config/gateway_config.h"
#include "bridge/config/section.h"

namespace flameway {

// extensions.health_check
void DescribeHealthCheck(Section& section, HealthCheckOptions& health_check);
// service.telemetry
void DescribeTelemetry(Section& section, TelemetryOptions& telemetry);
// The top-level block `flameway`, our own: shards, coalesce, limits.
void DescribeGateway(Section& section, GatewayConfig& config);

}  // namespace flameway
