// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "bridge/cli/cli.h"

int main(int argc, char** argv) {
  // A peer or a reader that goes away is a failed write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const flameway::CliStreams streams{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .env = [](const std::string& name) -> std::optional<std::string> {
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) return std::nullopt;
        return std::string(value);
      },
      .out_is_terminal = isatty(STDOUT_FILENO) != 0,
      .err_is_terminal = isatty(STDERR_FILENO) != 0,
  };
  const flameway::ExitCode code =
      flameway::RunCli(std::vector<std::string>(argv + 1, argv + argc), streams);
  std::cout.flush();
  if (!std::cout && code == flameway::ExitCode::kSuccess) {
    return static_cast<int>(flameway::ExitCode::kIoError);
  }
  return static_cast<int>(code);
}
