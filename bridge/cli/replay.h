// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway replay PATH... [--loop] [--speed X | --rate R]`: sends recorded requests over many
// connections at once, as fast as they are taken or at a pace.
[[nodiscard]] std::unique_ptr<Command> MakeReplayCommand();

}  // namespace flameway
