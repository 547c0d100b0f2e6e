// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "bridge/export/exporter.h"
#include "bridge/export/file_options.h"

namespace flameway {

// Writes requests to one file of length-prefixed records (RotatingFile) or to a folder with one
// file each (RequestFolder, which knows no rotation: nothing is removed there). `path` "-" is
// standard output, length-prefixed and without rotation; a record that fails there half-way cannot
// be taken back. Lanes share the file and take turns.
//
// Unlike the Collector's, an existing file is never cut to nothing; records are appended to it.
// Delivered means handed to the operating system; the file is synced when the exporter stops.
// A full disk or any other failure of the system is kRetry with its words.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> CreateFileExporter(
    const FileExporterOptions& options);

// The same with a clock for the names of files. Called from the lanes' threads.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> CreateFileExporter(
    const FileExporterOptions& options, std::function<std::chrono::system_clock::time_point()> now);

}  // namespace flameway
