// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "bridge/observe/mutex.h"

namespace flameway {

// Whether the gateway takes requests, as the Collector's health_check words it. Any thread.
class Health {
 public:
  using WallTime = std::chrono::system_clock::time_point;

  void SetServing(WallTime since);
  // Starting, and from the first moment of stopping, so that load balancers turn away early.
  void SetNotServing();

  struct Report {
    unsigned http_status = 503;
    std::string json;
  };
  [[nodiscard]] Report ReportAt(WallTime now) const;

 private:
  mutable Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  WallTime since_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace flameway
