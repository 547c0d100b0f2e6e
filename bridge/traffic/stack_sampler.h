// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bridge/traffic/fleet_plan.h"
#include "bridge/traffic/seeded_random.h"

namespace flameway {

// One frame of a sampled stack: code, and the file it lies in (null for interpreted code).
struct SampledFrame {
  CallSite call;
  const Image* image = nullptr;
};

// Draws stacks of processes as a profiler finds them: from the thread's start through framework,
// application and libraries into the runtime or the kernel, and cut anywhere. What a process does
// comes from a few kinds of work with a Zipf weight, so stacks repeat within a process, between
// processes of a service, and between reporting intervals. One thread.
class StackSampler {
 public:
  StackSampler(const FleetPlan& plan, SeededRandom& random) : plan_(plan), random_(random) {}

  // Leaf first. The view lives until the next call.
  const std::vector<SampledFrame>& Draw(const Process& process, const Image& kernel);

 private:
  void AddSegment(const Module& module, const Image* image, uint32_t entry, uint32_t depth,
                  double wander, SeededRandom& random);

  const FleetPlan& plan_;
  SeededRandom& random_;
  std::vector<CallSite> calls_;
  std::vector<SampledFrame> frames_;
};

}  // namespace flameway
