// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bridge/cli/console.h"
#include "bridge/cli/exit_code.h"
#include "bridge/config/gateway_config.h"
#include "bridge/observe/log.h"

namespace flameway {

struct FileRunOptions {
  std::vector<std::string> inputs;  // files, folders, "-"
  std::string output;               // a file; "-": standard output
  std::string pipeline;             // id; empty: the only one
};

// What the gateway would do with the requests in files: they pass one pipeline of the gateway's own
// engine, in order, each file as one connection, and what would have been sent is written instead.
// Nothing listens, nothing is sent. The clock stands still, so batches end by size or with the
// input, and the same files give the same output.
[[nodiscard]] ExitCode RunFiles(const GatewayConfig& config, const FileRunOptions& options,
                                const Console& console, Log& log);

}  // namespace flameway
