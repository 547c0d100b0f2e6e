// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bridge/config/config_node.h"
#include "bridge/config/diagnostic.h"
#include "bridge/config/environment.h"

namespace flameway {

// What the command line says about configuration.
struct ConfigSources {
  // --config, in order; later ones win. "PATH", "file:PATH", "env:NAME" or "yaml:TEXT". None: the
  // built-in default.
  std::vector<std::string> uris;
  // --set, over all of them. "a.b.c=VALUE", or "a::b.c::d=VALUE" where a name has a dot. VALUE is
  // YAML.
  std::vector<std::string> sets;
};

// Reads, merges and substitutes. `sources` is filled with one text per URI and --set and must be
// the one `log` was made for: origins index it.
[[nodiscard]] ConfigNode ReadConfigSources(const ConfigSources& request,
                                           const Environment& environment,
                                           std::vector<SourceText>& sources, DiagnosticLog& log);

}  // namespace flameway
