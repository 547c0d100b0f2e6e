// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "bridge/receive/intake.h"

namespace flameway {

// Stands for everything behind a receiver. Answers all requests alike, or holds them until the
// test completes them. Must outlive the receiver. Any thread.
class IntakeDouble {
 public:
  struct Held {
    Arrival arrival;
    Ack ack;
  };

  [[nodiscard]] Intake AsIntake() {
    return [this](Arrival arrival, Ack ack) { Take(std::move(arrival), std::move(ack)); };
  }
  // Until this is called, answers kAccepted.
  void AnswerWith(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  void Hold() {
    const std::lock_guard lock(mutex_);
    answer_.reset();
  }
  // The next request held; an empty ack after ten seconds without one.
  [[nodiscard]] Held NextHeld();
  // Requests that came so far, held ones not counted. Bodies in order of arrival.
  [[nodiscard]] std::vector<Arrival> Answered();

 private:
  void Take(Arrival arrival, Ack ack);

  std::mutex mutex_;
  std::condition_variable came_;
  // Guarded by mutex_.
  std::optional<Answer> answer_ = Answer{};
  std::deque<Held> held_;
  std::vector<Arrival> answered_;
};

}  // namespace flameway
