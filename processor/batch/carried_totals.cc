// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/carried_totals.h"

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

namespace flameway {
namespace {

// 2^32 samples of 64 bits fit.
__extension__ typedef __int128 Wide;

constexpr Wide kLargest = std::numeric_limits<int64_t>::max();
constexpr Wide kSmallest = std::numeric_limits<int64_t>::min();

// The samples that took over from each other, up to `last`, in the order they came; unlinks them.
std::vector<uint32_t> TakeChain(uint32_t last, BatchContent& content) {
  std::vector<uint32_t> chain;
  for (uint32_t i = last; i != kNoRow;) {
    chain.push_back(i);
    uint32_t& before = content.samples[i].last_chunk;
    i = before;
    before = kNoRow;
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

// Each total was within 64 bits, so the chain is never too short for the sum.
void Spread(std::span<const uint32_t> chain, BatchContent& content) {
  Wide rest = 0;
  for (const uint32_t i : chain) rest += content.samples[i].total;
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
    node.total = static_cast<int64_t>(part);
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
  content.samples[rest].last_chunk = full;
  content.carried_totals.push_back({.sample = rest, .profile = profile});
}

void SettleCarriedTotals(BatchContent& content) {
  static_assert(kNoRow == Points::kNoChunk);
  const std::vector<CarriedTotal>& carried = content.carried_totals;
  std::vector<uint32_t> profiles;
  // Newest first: the last of a chain comes before its other members, which it unlinks.
  for (size_t i = carried.size(); i-- > 0;) {
    if (content.samples[carried[i].sample].last_chunk == kNoRow) continue;
    Spread(TakeChain(carried[i].sample, content), content);
    profiles.push_back(carried[i].profile);
  }
  std::sort(profiles.begin(), profiles.end());
  profiles.erase(std::unique(profiles.begin(), profiles.end()), profiles.end());
  for (const uint32_t profile : profiles) {
    UnlinkEmptied(content.profiles[profile], content.samples);
  }
}

}  // namespace flameway
