// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bridge/cli/console.h"
#include "bridge/cli/exit_code.h"

namespace flameway {

// The command line `flameway ARGS...` without the program's name. Everything a command reads and
// writes besides files and sockets goes through `streams`. Returns what the process ends with.
[[nodiscard]] ExitCode RunCli(std::vector<std::string> args, const CliStreams& streams);

}  // namespace flameway
