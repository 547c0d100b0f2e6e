// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "bridge/export/retry_options.h"

namespace flameway {

// The schedule of retries for one frame or one destination: exponential with jitter, as the
// Collector's. Pure: it neither sleeps nor reads a clock. One thread.
//
//   delay = interval * (1 +- randomization_factor), then interval = min(interval * multiplier,
//   max_interval)
//
// The destination's own wish is a lower bound of the delay, and the intervals go on growing from
// it.
class Backoff {
 public:
  // `uniform` gives numbers in [0, 1).
  Backoff(const RetryOptions& options, std::function<double()> uniform);

  // How long to wait before the next attempt, `elapsed` being the time since the first. nullopt:
  // give up, because retries are off or the attempt would come after max_elapsed_time.
  [[nodiscard]] std::optional<std::chrono::milliseconds> NextDelay(
      std::chrono::milliseconds elapsed, std::optional<std::chrono::milliseconds> server_wish);

  // After a success: start over at initial_interval.
  void Reset();

 private:
  const RetryOptions options_;
  const std::function<double()> uniform_;
  double interval_ms_;
};

}  // namespace flameway
