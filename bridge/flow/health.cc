// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/health.h"

#include <ctime>

#include "fmt/format.h"

namespace flameway {

void Health::SetServing(WallTime since) {
  const MutexLock lock(mutex_);
  serving_ = true;
  since_ = since;
}

void Health::SetNotServing() {
  const MutexLock lock(mutex_);
  serving_ = false;
}

Health::Report Health::ReportAt(WallTime now) const {
  const MutexLock lock(mutex_);
  if (!serving_) {
    return {
        .http_status = 503,
        .json =
            R"({"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""})"};
  }
  const std::time_t seconds = std::chrono::system_clock::to_time_t(since_);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return {
      .http_status = 200,
      .json = fmt::format(
          R"({{"status":"Server available","upSince":"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z","uptime":"{:.3f}s"}})",
          utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
          std::chrono::duration<double>(now - since_).count())};
}

}  // namespace flameway
