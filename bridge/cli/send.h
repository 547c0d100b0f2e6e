// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway send FILE... [--otlp-endpoint ...]`: sends each request once and shows the answers by
// code.
[[nodiscard]] std::unique_ptr<Command> MakeSendCommand();

}  // namespace flameway
