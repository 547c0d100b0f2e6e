// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace flameway {

// Bounds of the bytes a gateway holds for its senders. Above the soft bound (limit - spike) new
// requests are refused with a retryable answer; what was accepted before stays. Percentages are
// resolved before they get here.
struct MemoryLimiterOptions {
  size_t limit_bytes = 0;        // > 0
  size_t spike_limit_bytes = 0;  // < limit_bytes
  // Kept for the Collector's grammar: bytes are counted as they come and go, nothing is polled.
  std::chrono::milliseconds check_interval{1'000};

  [[nodiscard]] constexpr size_t soft_limit_bytes() const {
    return limit_bytes - spike_limit_bytes;
  }
  friend bool operator==(const MemoryLimiterOptions&, const MemoryLimiterOptions&) = default;
};

}  // namespace flameway
