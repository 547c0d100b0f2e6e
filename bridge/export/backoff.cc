// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/backoff.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "bridge/export/retry_after.h"

namespace flameway {

using std::chrono::milliseconds;

Backoff::Backoff(const RetryOptions& options, std::function<double()> uniform)
    : options_(options), uniform_(std::move(uniform)) {
  Reset();
}

void Backoff::Reset() { interval_ms_ = static_cast<double>(options_.initial_interval.count()); }

std::optional<milliseconds> Backoff::NextDelay(milliseconds elapsed,
                                               std::optional<milliseconds> server_wish) {
  if (!options_.enabled) return std::nullopt;
  const double most_ms = static_cast<double>(options_.max_interval.count());
  const double spread = interval_ms_ * options_.randomization_factor;
  const double jittered = interval_ms_ - spread + 2 * spread * uniform_();
  milliseconds delay{static_cast<int64_t>(std::max(0.0, jittered))};
  if (server_wish.has_value()) {
    const milliseconds wish = std::clamp(*server_wish, milliseconds{0}, kMaxRetryAfter);
    delay = std::max(delay, wish);
    interval_ms_ = std::max(interval_ms_, static_cast<double>(wish.count()));
  }
  interval_ms_ = std::min(interval_ms_ * options_.multiplier, most_ms);
  if (options_.max_elapsed_time.count() > 0 && elapsed + delay > options_.max_elapsed_time) {
    return std::nullopt;
  }
  return delay;
}

}  // namespace flameway
