// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/otlp/dialect.h"
#include "tests/support/schema.h"

namespace flameway {

// Files of requests recorded from real senders, which are too big for the repository. They lie in
// the folder named by FLAMEWAY_SHARED_DATA, else in ../shared/data beside the working directory
// (tests run in the repository root). Tests skip what is not there:
//
//   const auto file = FindSharedFile("ebpf/idle-20hz.otlp");
//   if (!file) GTEST_SKIP() << kNoSharedFile;
inline constexpr std::string_view kNoSharedFile =
    "skipped: this recording is not here (FLAMEWAY_SHARED_DATA names the folder of recordings)";

// The path of a file in that folder, given relative to it.
[[nodiscard]] std::optional<std::string> FindSharedFile(std::string_view relative_path);
// All files below one of its folders with a request in them (*.otlp, *.otlp.zst), sorted by name.
[[nodiscard]] std::vector<std::string> FindSharedFiles(std::string_view relative_folder);

// The whole file; *.zst is decompressed.
[[nodiscard]] absl::StatusOr<std::string> ReadFile(const std::string& path);

// Splits a file into the bytes of its requests: one bare request, or any number of requests, each
// after a 4-byte big-endian length. A file is framed if its frames fill it exactly; a bare request
// starts with 0A or 12, which as a length would be over 160 MiB.
[[nodiscard]] std::vector<std::string> SplitRequests(std::string_view file);

// ReadFile and SplitRequests.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> ReadRequests(const std::string& path);

// Parses one request; older dialects are renumbered to 1.10 first.
[[nodiscard]] absl::StatusOr<schema::ExportProfilesServiceRequest> ParseRequest(
    std::string_view bytes, Dialect dialect = Dialect::kV1_10);

}  // namespace flameway
