// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "processor/model/limits.h"

namespace flameway {

// Commands on files work for the user who names them, who may well have a merged file that no
// server would take. Rows are numbered by int32 on the wire and a protobuf message ends at 2 GiB;
// nothing else bounds them here.
inline constexpr size_t kLargestMessageBytes = (size_t{1} << 31) - 1;
inline constexpr uint32_t kLargestIndex = (uint32_t{1} << 31) - 1;

[[nodiscard]] inline RequestLimits FileRequestLimits() {
  RequestLimits limits;
  limits.max_request_bytes = kLargestMessageBytes;
  limits.max_elements = kLargestIndex;
  limits.max_rows_per_table = kLargestIndex;
  limits.max_profiles = kLargestIndex;
  limits.max_packed_ints = kLargestIndex;
  return limits;
}

[[nodiscard]] inline BatchLimits FileBatchLimits() {
  BatchLimits limits;
  limits.max_encoded_bytes = kLargestMessageBytes;
  limits.max_rows_per_table = kLargestIndex;
  return limits;
}

}  // namespace flameway
