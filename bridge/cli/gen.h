// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/cli/command.h"

namespace flameway {

// `flameway gen [--shape synthetic|corpus FILE|ebpf-like] [--otlp-endpoint ... | -O FILE]`: makes
// up requests from a seed, and sends them or writes them to a file.
[[nodiscard]] std::unique_ptr<Command> MakeGenCommand();

}  // namespace flameway
