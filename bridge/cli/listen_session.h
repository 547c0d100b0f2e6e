// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "bridge/cli/console.h"
#include "bridge/traffic/traffic_receiver.h"

namespace flameway {

// What `record` and `sink` share: listeners, and waiting until it is enough, too late, or stopped.
class ListenSession {
 public:
  enum class End : uint8_t { kEnough, kTimedOut, kStopped };

  // --listen-grpc, --listen-http, --timeout
  void Declare(CLI::App& app);
  [[nodiscard]] TrafficReceiverOptions& options() { return options_; }

  // Listens, tells where on stderr, and returns when `is_enough` says so, --timeout is over, or a
  // signal came; requests under way have then been answered. nullopt: cannot listen, which has been
  // told. `consumer` and `progress` are called as TrafficReceiver and Progress do.
  [[nodiscard]] std::optional<End> Run(const Console& console, TrafficReceiver::Consumer consumer,
                                       const std::function<bool()>& is_enough,
                                       const std::function<std::string()>& progress);

 private:
  std::string grpc_endpoint_ = "localhost:4317";
  std::string http_endpoint_ = "localhost:4318";
  std::optional<std::chrono::milliseconds> timeout_;
  TrafficReceiverOptions options_;
};

}  // namespace flameway
