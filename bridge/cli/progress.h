// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "bridge/cli/console.h"

namespace flameway {

// A line of progress on stderr: redrawn on a terminal, one line per 5 seconds elsewhere, nothing
// unless the console shows progress. Gone when the object is. One thread.
class Progress {
 public:
  explicit Progress(const Console& console);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `total` 0: not known.
  void Show(uint64_t done_bytes, uint64_t total_bytes);
  // For commands that run until they are stopped: `line` is asked for when one is due. Elsewhere
  // than on a terminal these lines are the only sign of life, so they come unasked.
  void ShowLine(const std::function<std::string()>& line);

 private:
  void Draw(const std::string& line);
  using Clock = std::chrono::steady_clock;
  const Console& console_;
  Clock::time_point start_;
  Clock::time_point next_;
  bool drawn_ = false;
};

}  // namespace flameway
