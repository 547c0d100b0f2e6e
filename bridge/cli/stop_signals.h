// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>

namespace flameway {

// Turns SIGTERM, SIGINT and SIGHUP into something to wait for. Made before any thread starts, so
// that all threads have them blocked. One thread.
class StopSignals {
 public:
  enum class Signal : uint8_t { kStop, kReload };

  StopSignals();
  ~StopSignals();  // the mask as it was
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until one comes.
  [[nodiscard]] Signal Wait() const;
  // Blocks until one comes or the time is over.
  [[nodiscard]] std::optional<Signal> WaitFor(std::chrono::milliseconds time) const;
  // From now on the next SIGTERM or SIGINT ends the process at once, one that came since Wait
  // included.
  void LetNextEndProcess() const;

 private:
  sigset_t set_;
  sigset_t before_;
};

}  // namespace flameway
