// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway inspect FILE...`: profiles as text, references resolved; with --dict the tables
// themselves.
[[nodiscard]] std::unique_ptr<Command> MakeInspectCommand();

}  // namespace flameway
