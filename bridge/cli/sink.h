// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway sink [--exit-after N --timeout D] [--fail-rate P] ...`: receives OTLP, counts and
// drops; a destination to test against.
[[nodiscard]] std::unique_ptr<Command> MakeSinkCommand();

}  // namespace flameway
