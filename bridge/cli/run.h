// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway run`: the gateway itself, until SIGTERM or SIGINT. Takes both signals for its time.
[[nodiscard]] std::unique_ptr<Command> MakeRunCommand();

}  // namespace flameway
