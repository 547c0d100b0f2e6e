// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace flameway {

// When each request of a run is to be sent. Pure.
class Pace {
 public:
  // As soon as a connection is free.
  [[nodiscard]] static Pace Unbounded() { return Pace(); }
  // Evenly, so many a second.
  [[nodiscard]] static Pace AtRate(double per_second);
  // As recorded, `speed` times as fast: the offsets of the requests from the first, in the order in
  // which they are sent. A further round begins as long after the last request as requests are
  // apart on average.
  [[nodiscard]] static Pace AsRecorded(std::vector<std::chrono::nanoseconds> offsets, double speed);

  // From the start of the run; nullopt where there is no plan.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> DueOf(uint64_t number) const;

 private:
  Pace() = default;

  double nanos_per_request_ = 0;  // 0: not at a rate
  std::vector<std::chrono::nanoseconds> offsets_;
  double round_nanos_ = 0;
  double speed_ = 1;
};

}  // namespace flameway
