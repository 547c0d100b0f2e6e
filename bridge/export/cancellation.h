// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace flameway {

// Ends the attempts of an exporter from outside, whatever they wait for. One use: it stays
// cancelled. Any thread.
class Cancellation {
 public:
  Cancellation();
  ~Cancellation();
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void Cancel();
  [[nodiscard]] bool cancelled() const { return cancelled_.load(); }
  // Readable once cancelled, to be polled beside a socket. Negative, which poll passes over, when
  // the process had no descriptor left: then a wait ends at its own deadline.
  [[nodiscard]] int fd() const { return fd_; }

 private:
  const int fd_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace flameway
