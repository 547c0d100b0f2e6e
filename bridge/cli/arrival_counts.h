// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "bridge/cli/console.h"
#include "bridge/cli/json_writer.h"
#include "bridge/traffic/traffic_receiver.h"

namespace flameway {

// What `record` and `sink` count of what arrives. Counted by the receiver's thread, read by any.
class ArrivalCounts {
 public:
  // Counts a request. Its samples are counted without decoding its dictionary; nothing is known of
  // them when the body is as it came. False when it is no request.
  bool Count(const TrafficArrival& arrival, TrafficReceiverOptions::Bodies bodies);

  [[nodiscard]] uint64_t requests() const { return requests_; }
  [[nodiscard]] uint64_t profiles() const { return profiles_; }
  [[nodiscard]] uint64_t samples() const { return samples_; }

  // For progress.
  [[nodiscard]] std::string Line() const;
  void PrintText(std::chrono::nanoseconds cpu, const Console& console) const;
  // Members of an object that is open.
  void WriteJson(std::chrono::nanoseconds cpu, JsonWriter* json) const;

 private:
  [[nodiscard]] double Seconds() const;

  std::atomic<uint64_t> requests_{0};  // readable ones
  std::atomic<uint64_t> undecodable_{0};
  std::atomic<uint64_t> profiles_{0};
  std::atomic<uint64_t> samples_{0};
  std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> wire_bytes_{0};
  // Of the first and the last one, in nanoseconds of the steady clock.
  std::atomic<int64_t> first_{0};
  std::atomic<int64_t> last_{0};
};

}  // namespace flameway
