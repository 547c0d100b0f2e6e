// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace flameway {

// exporters.*.retry_on_failure, with the Collector's names and defaults.
struct RetryOptions {
  bool enabled = true;
  std::chrono::milliseconds initial_interval{5'000};
  double randomization_factor = 0.5;
  double multiplier = 1.5;
  std::chrono::milliseconds max_interval{30'000};
  std::chrono::milliseconds max_elapsed_time{300'000};  // 0: try for ever
};

}  // namespace flameway
