// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace flameway {

// exporters.*.sending_queue, with the Collector's names and defaults.
struct QueueOptions {
  enum class Sizer : uint8_t { kRequests, kItems, kBytes };  // frames, samples, compressed bytes
  bool enabled = true;  // false: the shard waits for the delivery of each frame
  Sizer sizer = Sizer::kRequests;
  size_t queue_size = 1000;  // in units of sizer
  int num_consumers = 10;    // concurrent deliveries, each on its own lane
  // full: wait (back-pressure up to the senders) instead of dropping
  bool block_on_overflow = false;
};

}  // namespace flameway
