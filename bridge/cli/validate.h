// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway validate`: every finding about the configuration; exit 78 if one is an error.
[[nodiscard]] std::unique_ptr<Command> MakeValidateCommand();

}  // namespace flameway
