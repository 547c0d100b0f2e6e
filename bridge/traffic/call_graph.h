// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/traffic/made_up_names.h"
#include "bridge/traffic/seeded_random.h"
#include "bridge/traffic/zipf.h"

namespace flameway {

// A body of code that calls itself from layer to layer: an application, a library, a kernel. The
// graph is not stored: who calls whom is a hash of module, function and call site.
struct Module {
  Runtime runtime = Runtime::kGo;
  std::string package;
  uint64_t seed = 0;
  uint32_t layers = 8;
  uint32_t width = 40;   // functions of one layer
  uint32_t entries = 8;  // of the first layer, that others call
};

// A function and the place in it from where the next one was called.
struct CallSite {
  const Module* module = nullptr;
  uint32_t function = 0;
  uint32_t site = 0;
};

// Walks modules as a sampled program does: mostly along the usual way, now and then off it.
class CallWalk {
 public:
  // How often a step leaves the usual way.
  CallWalk(SeededRandom& random, double wander);

  // Appends `depth` call sites in `module`, caller first, that begin at entry `entry`. Deeper than
  // the module has layers is recursion between its last layers.
  void Descend(const Module& module, uint32_t entry, uint32_t depth, std::vector<CallSite>* stack);

 private:
  SeededRandom& random_;
  const double wander_;
  static const Zipf kSites;
};

}  // namespace flameway
