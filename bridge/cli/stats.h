// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway stats FILE...`: where the bytes of requests go, and what merging and compressing them
// would save.
[[nodiscard]] std::unique_ptr<Command> MakeStatsCommand();

}  // namespace flameway
