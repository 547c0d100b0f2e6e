// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace flameway {

// Lets one event per key and second pass and counts the others. Not thread-safe. Remembers at most
// kMaxKeys keys; while it is full of keys younger than a second, all further keys share one slot,
// so that a sender who varies the key gains neither memory nor lines.
class RateLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr size_t kMaxKeys = 256;
  static constexpr std::chrono::seconds kInterval{1};

  // The number of events of this key left out since the last one that passed, or nullopt when this
  // one must not pass.
  [[nodiscard]] std::optional<uint64_t> Pass(std::string_view key, TimePoint now);

 private:
  struct Slot {
    TimePoint last;
    uint64_t left_out = 0;
  };
  std::unordered_map<std::string, Slot> slots_;
};

}  // namespace flameway
