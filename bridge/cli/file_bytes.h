// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>

#include "absl/status/statusor.h"

namespace flameway {

// The content of one file in memory, unpacked if the whole file is gzip or zstd.
struct FileBytes {
  std::string bytes;
  uint64_t stored_bytes = 0;  // as the file lies on disk
};

// Reads and unpacks `path` in one pass ("-": `standard_input`), so memory holds the unpacked
// content once. Compression is told by content. More than `max_bytes` unpacked is
// kResourceExhausted; damage is kDataLoss with the offset; a missing file is kNotFound, a forbidden
// one kPermissionDenied. Messages name the file and what to do.
[[nodiscard]] absl::StatusOr<FileBytes> ReadFileBytes(const std::string& path,
                                                      std::istream& standard_input,
                                                      size_t max_bytes);

}  // namespace flameway
