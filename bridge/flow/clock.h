// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "bridge/observe/mutex.h"

namespace flameway {

using TimePoint = std::chrono::steady_clock::time_point;

// The one seam to time in bridge/flow, so that tests decide how old a batch is. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint Now() const = 0;
  // Returns when `condition` is notified or `deadline` has passed, or earlier without reason: call
  // it in a loop.
  virtual void WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) = 0;
};

class SteadyClock final : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override { return std::chrono::steady_clock::now(); }
  void WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) const override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    condition.WaitUntil(mutex, deadline);
  }
};

}  // namespace flameway
