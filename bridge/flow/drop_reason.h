// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flameway {

// Why accepted profiles were given up. The words are metric labels.
enum class DropReason : uint8_t {
  kQueueFull,      // the limit the operator set for the sending queue
  kRefused,        // the destination will never take the frame
  kRetryExpired,   // max_elapsed_time
  kRetryDisabled,  // a passing failure with retry_on_failure off
  kOversize,       // one sample alone is larger than the destination's limit
  kShutdown,       // still here at the drain deadline
  kInternal,       // a frame could not be made
  kFilter,         // a transform of the pipeline removed the profile, as configured
};
inline constexpr size_t kDropReasonCount = 8;

[[nodiscard]] constexpr std::string_view DropReasonWord(DropReason reason) {
  constexpr std::string_view kWords[kDropReasonCount] = {
      "queue_full", "refused",  "retry_expired", "retry_disabled",
      "oversize",   "shutdown", "internal",      "filter"};
  return kWords[static_cast<size_t>(reason)];
}

}  // namespace flameway
