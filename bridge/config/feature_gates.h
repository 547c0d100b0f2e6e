// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/config/diagnostic.h"

namespace flameway {

// What --feature-gates says, in the Collector's grammar: "+on,-off,on".
struct FeatureGates {
  std::vector<std::string> enabled;
  std::vector<std::string> disabled;
  // Nothing for service.profilesSupport, which every profiles configuration brings along; a notice
  // for the Collector's other gates; an error for unknown ones.
  std::vector<Diagnostic> diagnostics;
};

[[nodiscard]] FeatureGates ParseFeatureGates(std::string_view list);

}  // namespace flameway
