// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway record --dir D`: receives OTLP and keeps the requests in files, as they were sent.
[[nodiscard]] std::unique_ptr<Command> MakeRecordCommand();

}  // namespace flameway
