// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/observe/registry.h"

namespace flameway {

// Adds uptime (from this call on), CPU seconds and resident memory of the process.
void RegisterProcessReadings(Registry& registry);

}  // namespace flameway
