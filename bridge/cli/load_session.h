// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "bridge/cli/console.h"
#include "bridge/cli/send_target.h"
#include "bridge/compress/compressor.h"
#include "bridge/traffic/load_run.h"

namespace flameway {

// What `gen` and `replay` share: prepared requests, one run, its progress and its summary.
class LoadSession {
 public:
  // --duration, --requests, --rewrite-time, --allow-export-failures
  void Declare(CLI::App& app);

  [[nodiscard]] SendTarget& target() { return target_; }
  [[nodiscard]] bool moves_times() const { return moves_times_; }
  [[nodiscard]] bool allows_failures() const { return allows_failures_; }
  [[nodiscard]] const std::optional<uint64_t>& requests_wanted() const { return requests_wanted_; }
  // Whether --duration was given; nullopt within it is "inf".
  [[nodiscard]] bool has_duration() const { return has_duration_; }

  // Compresses one request for the run. After target().FillFrom.
  [[nodiscard]] absl::Status Add(std::string plain);
  [[nodiscard]] const std::vector<LoadRequest>& requests() const { return requests_; }

  // Sends and reports. `options.requests` and `options.duration` are filled from the flags;
  // `default_requests` stands for --requests where neither was given, 0 for no end.
  [[nodiscard]] ExitCode Run(const Console& console, LoadOptions options,
                             uint64_t default_requests);

 private:
  SendTarget target_;
  bool moves_times_ = false;
  bool allows_failures_ = false;
  std::optional<uint64_t> requests_wanted_;
  bool has_duration_ = false;
  std::optional<std::chrono::milliseconds> duration_;
  Compressor compressor_;
  std::vector<LoadRequest> requests_;
};

}  // namespace flameway
