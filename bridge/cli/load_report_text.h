// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "bridge/cli/console.h"
#include "bridge/cli/exit_code.h"
#include "bridge/traffic/load_run.h"

namespace flameway {

// The summary of a run on stdout: a text, or one JSON object. `cpu` is what this process spent.
void PrintLoadReport(const LoadReport& report, std::chrono::nanoseconds cpu,
                     const Console& console);

// The worst of all answers.
[[nodiscard]] ExitCode LoadExitCode(const LoadReport& report);

// CPU time of this process so far, of all its threads, user and system.
[[nodiscard]] std::chrono::nanoseconds ProcessCpu();

// "3.12 ms"
[[nodiscard]] std::string FormatLatency(std::chrono::nanoseconds latency);

}  // namespace flameway
