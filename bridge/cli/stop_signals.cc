// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/stop_signals.h"

#include <pthread.h>

#include <ctime>
#include <initializer_list>

namespace flameway {

StopSignals::StopSignals() {
  sigemptyset(&set_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
  pthread_sigmask(SIG_BLOCK, &set_, &before_);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

StopSignals::Signal StopSignals::Wait() const {
  int signal = 0;
  while (sigwait(&set_, &signal) != 0) {
  }
  return signal == SIGHUP ? Signal::kReload : Signal::kStop;
}

std::optional<StopSignals::Signal> StopSignals::WaitFor(std::chrono::milliseconds time) const {
  const timespec wait{.tv_sec = static_cast<time_t>(time.count() / 1000),
                      .tv_nsec = static_cast<long>(time.count() % 1000 * 1'000'000)};
  const int signal = sigtimedwait(&set_, nullptr, &wait);
  if (signal < 0) return std::nullopt;
  return signal == SIGHUP ? Signal::kReload : Signal::kStop;
}

void StopSignals::LetNextEndProcess() const {
  sigset_t stops;
  sigemptyset(&stops);
  for (const int signal : {SIGTERM, SIGINT}) {
    std::signal(signal, SIG_DFL);
    sigaddset(&stops, signal);
  }
  pthread_sigmask(SIG_UNBLOCK, &stops, nullptr);
}

}  // namespace flameway
