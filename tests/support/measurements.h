// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/schema.h"

namespace flameway {

// 128 bits: totals of 64-bit values never overflow here, so it does not matter whether a merge kept
// two huge values apart.
__extension__ typedef __int128 WideTotal;

// What was measured for one fully resolved sample key, in a form that splitting, joining and
// reordering samples does not change.
struct Measurements {
  // The time range of a profile as sent: start and length in nanoseconds.
  using Window = std::pair<uint64_t, uint64_t>;
  using Count = uint64_t;

  friend bool operator==(const Measurements& a, const Measurements& b) = default;

  // Timestamps without values: how often each occurs.
  std::map<uint64_t, Count> events;
  // Pairs of timestamp and value: how often each occurs.
  std::map<std::pair<uint64_t, int64_t>, Count> timed_values;
  // One value without timestamp: its sum, per window, since such values join in one window only.
  std::map<Window, WideTotal> totals;
  // Several values without timestamps have no stated meaning: each list stays what it is.
  std::map<std::pair<Window, std::vector<int64_t>>, Count> value_lists;
  // Values and timestamps that do not pair up (not valid): kept as they are.
  std::map<std::pair<std::vector<uint64_t>, std::vector<int64_t>>, Count> unpaired;
  // Original payloads: each profile that carries one, with its window.
  std::map<Window, Count> payloads;
};

void AddSample(const schema::Sample& sample, Measurements::Window window, Measurements* sum);

// One line: what expected has and actual has not, and the reverse, at most a few items of each
// kind.
[[nodiscard]] std::string DifferenceText(const Measurements& expected, const Measurements& actual);
[[nodiscard]] std::string MeasurementsText(const Measurements& measurements);

}  // namespace flameway
