// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway print-config`: the configuration as it takes effect, secrets left out unless asked for.
[[nodiscard]] std::unique_ptr<Command> MakePrintConfigCommand();

}  // namespace flameway
