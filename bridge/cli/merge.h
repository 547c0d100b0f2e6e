// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway merge FILE... -O OUT`: folds the requests of files into one message (or one per group).
[[nodiscard]] std::unique_ptr<Command> MakeMergeCommand();

}  // namespace flameway
