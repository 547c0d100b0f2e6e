// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/receive/intake_double.h"

#include <chrono>

namespace flameway {

void IntakeDouble::Take(Arrival arrival, Ack ack) {
  std::optional<Answer> answer;
  {
    const std::lock_guard lock(mutex_);
    answer = answer_;
    if (answer) {
      answered_.push_back(std::move(arrival));
    } else {
      held_.push_back({std::move(arrival), std::move(ack)});
      came_.notify_all();
    }
  }
  if (answer) ack.Complete(*answer);
}

IntakeDouble::Held IntakeDouble::NextHeld() {
  std::unique_lock lock(mutex_);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  if (!came_.wait_until(lock, patience, [this] { return !held_.empty(); })) return {};
  Held held = std::move(held_.front());
  held_.pop_front();
  return held;
}

std::vector<Arrival> IntakeDouble::Answered() {
  const std::lock_guard lock(mutex_);
  return answered_;
}

}  // namespace flameway
