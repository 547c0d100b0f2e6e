// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "bridge/export/exporter.h"

namespace flameway {

// exporters.nop has no options.
struct NopExporterOptions {};

// Accepts everything and keeps nothing: to measure the way up to here.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> CreateNopExporter(
    const NopExporterOptions& options);

}  // namespace flameway
