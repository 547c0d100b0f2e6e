// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bridge/traffic/fleet_plan.h"
#include "bridge/traffic/request_writer.h"
#include "bridge/traffic/stack_sampler.h"

namespace flameway {

// What the eBPF profilers of a fleet send: one request per host and reporting interval, with a
// fresh dictionary, a resource per process, samples with timestamps and no values. The same options
// give the same bytes. One thread.
class FleetRequests {
 public:
  explicit FleetRequests(const FleetOptions& options);

  // Request `number` of hosts * windows: all hosts of the first window, then of the next.
  [[nodiscard]] std::string Encode(uint32_t number);
  [[nodiscard]] uint32_t size() const { return options_.hosts * options_.windows; }

 private:
  using Row = RequestWriter::Row;
  struct Event {
    Row stack = 0;
    Row thread_name = 0;
    Row thread_id = 0;
    Row cpu = 0;
    uint64_t time = 0;
  };

  void WriteProcess(const Host& host, const Process& process, uint32_t events, uint64_t begin,
                    SeededRandom& random);
  Row WriteStack(const std::vector<SampledFrame>& frames);
  Row WriteLocation(const SampledFrame& frame);
  Row WriteMapping(const Image& image);
  void WriteSamples();

  const FleetOptions options_;
  const FleetPlan plan_;
  RequestWriter writer_;

  // Of the request under way.
  absl::flat_hash_map<uint64_t, Row> locations_;  // by image, module, function, site
  absl::flat_hash_map<const Image*, Row> mappings_;
  RequestWriter::Profile profile_;
  std::vector<Event> events_;
  std::vector<Row> stack_;
  std::vector<uint64_t> timestamps_;
};

}  // namespace flameway
