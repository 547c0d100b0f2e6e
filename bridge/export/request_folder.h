// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/queue/frame.h"

namespace flameway {

// A folder with one file per request. A file appears whole, under its final name:
//
//   20261123T120000.123456Z-000001-0a1b2c3d.otlp[.gz|.zst|.sz]
//   UTC time, number since start, first half-word of the batch id
//
// so that names sort as the requests came. Files are never removed or replaced. Any thread.
class RequestFolder {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  // Creates the folder with all above it. `now` may be called by several threads at once.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<RequestFolder>> Open(
      std::filesystem::path folder, Clock now);

  [[nodiscard]] absl::Status Put(const Frame& frame);

 private:
  RequestFolder(std::filesystem::path folder, Clock now)
      : folder_(std::move(folder)), now_(std::move(now)) {}
  std::string NextName(const Frame& frame);

  const std::filesystem::path folder_;
  const Clock now_;
  std::atomic<uint32_t> sequence_{0};
};

}  // namespace flameway
