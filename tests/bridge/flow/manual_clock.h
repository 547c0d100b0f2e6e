// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>

#include "bridge/flow/clock.h"

namespace flameway {

// Stands still until it is advanced. Waiting threads look at it every millisecond of real time, so
// what is tested is never how long something took, only that it came.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override {
    return TimePoint{} + std::chrono::hours(1) + std::chrono::milliseconds(milliseconds_.load());
  }
  void WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) const override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (Now() >= deadline) return;
    condition.WaitUntil(mutex, std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
  }
  void Advance(std::chrono::milliseconds by) { milliseconds_ += by.count(); }

 private:
  std::atomic<int64_t> milliseconds_{0};
};

}  // namespace flameway
