// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "bridge/cli/command.h"

namespace flameway {

// "0.1.0"
[[nodiscard]] std::string Version();

// "flameway 0.1.0"
[[nodiscard]] std::string VersionLine();

// `flameway version`
[[nodiscard]] std::unique_ptr<Command> MakeVersionCommand();

}  // namespace flameway
