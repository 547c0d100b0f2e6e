// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bridge/export/debug_options.h"
#include "bridge/export/exporter.h"

namespace flameway {

// Prints each request (see DescribeRequest) and accepts it. Asks for uncompressed frames; of a
// compressed one, left in a queue by another configuration, it prints the counts only. Prints to
// standard error.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> CreateDebugExporter(
    const DebugExporterOptions& options);

// The same with a sink, which gets whole lines of one request at a time and is called by one thread
// at a time.
using DebugSink = std::function<void(std::string)>;
[[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> CreateDebugExporter(
    const DebugExporterOptions& options, DebugSink sink);

}  // namespace flameway
