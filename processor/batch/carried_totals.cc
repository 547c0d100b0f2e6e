// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/carried_totals.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace flameway {
namespace {

// 2^32 samples of 64 bits fit.
__extension__ typedef __int128 Wide;

constexpr Wide kLargest = std::numeric_limits<int64_t>::max();
constexpr Wide kSmallest = std::numeric_limits<int64_t>::min();

// The samples that took over from each other, up to that of `last`, in the order they came; unlinks
// them.
std::vector<uint32_t> TakeChain(CarriedTotal& last, std::vector<CarriedTotal>& carried) {
  std::vector<uint32_t> chain = {last.sample};
  for (CarriedTotal* link = &last; link != nullptr;) {
    const uint32_t from = std::exchange(link->from, kNoRow);
    chain.push_back(from);
    // They stand in the order their samples were made.
    const auto found = std::ranges::lower_bound(carried, from, {}, &CarriedTotal::sample);
    link = found->sample == from ? &*found : nullptr;
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

// Each total was within 64 bits, so the chain is never too short for the sum.
void Spread(std::span<const uint32_t> chain, BatchContent& content) {
  Wide rest = 0;
  for (const uint32_t i : chain) rest += content.Total(content.samples[i]);
  bool first = true;
  for (const uint32_t i : chain) {
    SampleNode& node = content.samples[i];
    if (rest == 0 && !first) {
      node.shape = SampleShape::kNone;
      content.samples[chain.front()].samples_in += node.samples_in;
      ++content.samples_emptied;
      continue;
    }
    const Wide part = std::clamp(rest, kSmallest, kLargest);
    content.Total(node) = static_cast<int64_t>(part);
    rest -= part;
    first = false;
  }
}

void UnlinkEmptied(ProfileNode& profile, Buffer<SampleNode>& samples) {
  uint32_t* link = &profile.last_sample;
  while (*link != kNoRow) {
    SampleNode& node = samples[*link];
    if (node.shape == SampleShape::kNone) {
      *link = node.previous;
    } else {
      link = &node.previous;
    }
  }
}

}  // namespace

void CarryOver(BatchContent& content, uint32_t full, uint32_t rest, uint32_t profile) {
  // Of another shape only after a false match; then it stands for itself.
  if (content.samples[rest].shape != SampleShape::kAggregate) return;
  content.carried_totals.push_back({.sample = rest, .from = full, .profile = profile});
}

void SettleCarriedTotals(BatchContent& content) {
  std::vector<CarriedTotal>& carried = content.carried_totals;
  std::vector<uint32_t> profiles;
  // Newest first: the last of a chain comes before its other members, which it unlinks.
  for (size_t i = carried.size(); i-- > 0;) {
    if (carried[i].from == kNoRow) continue;
    Spread(TakeChain(carried[i], carried), content);
    profiles.push_back(carried[i].profile);
  }
  std::sort(profiles.begin(), profiles.end());
  profiles.erase(std::unique(profiles.begin(), profiles.end()), profiles.end());
  for (const uint32_t profile : profiles) {
    UnlinkEmptied(content.profiles[profile], content.samples);
  }
}

}  // namespace flameway
