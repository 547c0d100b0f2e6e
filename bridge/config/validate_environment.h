// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bridge/config/diagnostic.h"
#include "bridge/config/gateway_config.h"

namespace flameway {

// What a correct configuration can still lack on this machine: named files that cannot be read,
// output folders that cannot be written, addresses that are none. Opens no port and calls no peer.
// Files are looked at as this user.
[[nodiscard]] std::vector<Diagnostic> ValidateEnvironment(const GatewayConfig& config);

}  // namespace flameway
