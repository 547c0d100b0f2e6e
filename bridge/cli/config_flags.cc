// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/config_flags.h"

#include <iterator>
#include <string>
#include <utility>

#include "bridge/config/environment.h"
#include "bridge/config/feature_gates.h"

namespace flameway {

LoadResult LoadFromFlags(const Console& console) {
  ConfigSources sources{.uris = console.globals().configs, .sets = console.globals().sets};
  if (sources.uris.empty()) {
    const std::optional<std::string> named = console.Env("FLAMEWAY_CONFIG");
    if (named.has_value() && !named->empty()) sources.uris.push_back(*named);
  }
  Environment environment = ProcessEnvironment();
  environment.variable = [&console](const std::string& name) { return console.Env(name); };
  LoadResult loaded = LoadGatewayConfig(sources, environment);
  for (const std::string& list : console.globals().feature_gates) {
    FeatureGates gates = ParseFeatureGates(list);
    std::move(gates.diagnostics.begin(), gates.diagnostics.end(),
              std::back_inserter(loaded.diagnostics));
  }
  if (CountErrors(loaded.diagnostics) > 0) loaded.config.reset();
  return loaded;
}

void TellDiagnostics(const std::vector<Diagnostic>& diagnostics, const Console& console) {
  if (diagnostics.empty()) return;
  if (console.globals().quiet && CountErrors(diagnostics) == 0) return;
  console.err() << FormatDiagnostics(
      diagnostics, console.err_has_color() ? ColorMode::kAnsi : ColorMode::kPlain);
}

}  // namespace flameway
