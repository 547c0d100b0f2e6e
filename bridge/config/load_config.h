// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "bridge/config/config_node.h"
#include "bridge/config/config_sources.h"
#include "bridge/config/diagnostic.h"
#include "bridge/config/environment.h"
#include "bridge/config/gateway_config.h"

namespace flameway {

struct LoadResult {
  std::optional<GatewayConfig> config;  // set unless there is an error
  std::vector<Diagnostic> diagnostics;  // errors and notices, by position
  // What the configuration was read from; print_config shows origins by them.
  ConfigNode tree;
  std::vector<SourceText> sources;
};

// Reads, merges, substitutes and checks a configuration. Reports everything that is wrong with it
// at once. Pure but for `environment`; no component is created and nothing is opened but
// configuration.
[[nodiscard]] LoadResult LoadGatewayConfig(const ConfigSources& request,
                                           const Environment& environment);

}  // namespace flameway
