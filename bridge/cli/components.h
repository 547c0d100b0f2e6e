// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway components [KIND]`: what a configuration may name.
[[nodiscard]] std::unique_ptr<Command> MakeComponentsCommand();

}  // namespace flameway
