// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/pace.h"

#include <utility>

namespace flameway {

using std::chrono::nanoseconds;

Pace Pace::AtRate(double per_second) {
  Pace pace;
  if (per_second > 0) pace.nanos_per_request_ = 1e9 / per_second;
  return pace;
}

Pace Pace::AsRecorded(std::vector<nanoseconds> offsets, double speed) {
  Pace pace;
  pace.offsets_ = std::move(offsets);
  pace.speed_ = speed;
  if (pace.offsets_.size() > 1) {
    const auto last = static_cast<double>(pace.offsets_.back().count());
    const auto gaps = static_cast<double>(pace.offsets_.size() - 1);
    pace.round_nanos_ = last + last / gaps;
  }
  return pace;
}

std::optional<nanoseconds> Pace::DueOf(uint64_t number) const {
  if (nanos_per_request_ > 0) {
    return nanoseconds(static_cast<int64_t>(nanos_per_request_ * static_cast<double>(number)));
  }
  if (offsets_.empty()) return std::nullopt;
  const auto round = static_cast<double>(number / offsets_.size());
  const auto offset = static_cast<double>(offsets_[number % offsets_.size()].count());
  return nanoseconds(static_cast<int64_t>((round * round_nanos_ + offset) / speed_));
}

}  // namespace flameway
