// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway check FILE...`: what the gateway would say to each request, with its own limits.
[[nodiscard]] std::unique_ptr<Command> MakeCheckCommand();

}  // namespace flameway
