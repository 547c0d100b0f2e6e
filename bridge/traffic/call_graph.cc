// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/call_graph.h"

#include <algorithm>

namespace flameway {
namespace {

// A function of `layer`, the low numbers more often: some are called from everywhere.
uint32_t FunctionOf(const Module& module, uint32_t layer, uint64_t bits) {
  const uint64_t a = bits & 0xFFFF;
  const uint64_t b = (bits >> 16) & 0xFFFF;
  return layer * module.width + static_cast<uint32_t>(a * b * module.width >> 32);
}

}  // namespace

const Zipf CallWalk::kSites(7, 1.1);

CallWalk::CallWalk(SeededRandom& random, double wander) : random_(random), wander_(wander) {}

void CallWalk::Descend(const Module& module, uint32_t entry, uint32_t depth,
                       std::vector<CallSite>* stack) {
  uint32_t layer = 0;
  uint32_t function = FunctionOf(module, 0, MixBits(module.seed, entry % module.entries));
  for (uint32_t step = 0; step < depth; ++step) {
    const uint32_t site = random_.Chance(wander_) ? 1 + kSites.Draw(random_) : 0;
    stack->push_back({.module = &module, .function = function, .site = site});
    layer = layer + 1 < module.layers ? layer + 1 : module.layers - std::min(2u, module.layers);
    function = FunctionOf(module, layer, MixBits(module.seed + function, site));
  }
}

}  // namespace flameway
