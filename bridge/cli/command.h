// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "CLI/CLI.hpp"
#include "bridge/cli/console.h"
#include "bridge/cli/exit_code.h"

namespace flameway {

// One sub-command. To add one: a file pair with a class like the others, and a line in the table of
// cli.cc.
class Command {
 public:
  virtual ~Command() = default;
  // Declares arguments and flags, bound to members: the command outlives the parse.
  virtual void Declare(CLI::App& app) = 0;
  // Runs once, after a successful parse.
  [[nodiscard]] virtual ExitCode Run(const Console& console) = 0;
};

}  // namespace flameway
