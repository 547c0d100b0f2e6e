// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace flameway {

// The text of default_config.yaml, which the build compiles in: what runs when no configuration is
// named.
[[nodiscard]] std::string_view DefaultConfigYaml();

}  // namespace flameway
