// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace flameway {

// No destination may silence us for longer: a wish above it is cut. RetryInfo and Retry-After
// alike.
inline constexpr std::chrono::milliseconds kMaxRetryAfter = std::chrono::hours(1);

// The value of an HTTP `Retry-After`: seconds, or a date in any of HTTP's three forms, compared
// with `now`. nullopt for what is neither and for a date that is over, which both leave the delay
// to the backoff.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseRetryAfter(
    std::string_view value, std::chrono::system_clock::time_point now);

}  // namespace flameway
