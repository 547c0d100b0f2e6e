// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/go_stacks.h"

#include <algorithm>
#include <map>
#include <utility>

namespace flameway {
namespace {

constexpr size_t kOverlap = 16;
constexpr size_t kMaxShift = 8;
constexpr size_t kSuffix = kOverlap + kMaxShift;
constexpr size_t kMaxChain = 56;  // longer ones are recursion, where every stack overlaps

using Frames = std::span<const uint64_t>;

struct LessFrames {
  bool operator()(Frames a, Frames b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  }
};

// Stacks with the same 24 frames at their root.
struct Group {
  Frames suffix;
  std::vector<size_t> members;
};

// Where more of a stack can be found: `shift` frames of `group` beyond the overlap.
struct Continuation {
  size_t group = 0;
  size_t shift = 0;
};

std::vector<Group> GroupBySuffix(std::span<GoStack> stacks) {
  std::map<Frames, std::vector<size_t>, LessFrames> by_suffix;
  for (size_t i = 0; i < stacks.size(); ++i) {
    const Frames frames(stacks[i]);
    if (frames.size() >= kSuffix) by_suffix[frames.last(kSuffix)].push_back(i);
  }
  std::vector<Group> groups;
  for (auto& [suffix, members] : by_suffix) groups.push_back({suffix, std::move(members)});
  return groups;
}

// For each 16 frames that occur in a group away from its root, the group where they are farthest.
std::map<Frames, Continuation, LessFrames> IndexOverlaps(const std::vector<Group>& groups) {
  std::map<Frames, Continuation, LessFrames> farthest;
  for (size_t group = 0; group < groups.size(); ++group) {
    for (size_t shift = 1; shift <= kMaxShift; ++shift) {
      const Frames overlap = groups[group].suffix.subspan(kMaxShift - shift, kOverlap);
      Continuation& best = farthest[overlap];
      if (shift > best.shift) best = {group, shift};
    }
  }
  return farthest;
}

}  // namespace

bool MayHaveTruncatedGoStacks(std::span<const GoStack> stacks, GoProfileKind kind) {
  const bool is_heap = kind == GoProfileKind::kHeap;
  // The runtime's own frames are taken off after the cut, so a cut stack can be a bit shorter.
  const size_t cut_depth = (is_heap ? 32 : 64) - 4;
  bool is_deep = false;
  for (const GoStack& stack : stacks) {
    if (is_heap && stack.size() > 32) return false;
    is_deep |= stack.size() >= cut_depth;
  }
  return is_deep;
}

void RejoinTruncatedGoStacks(std::span<GoStack> stacks) {
  const std::vector<Group> groups = GroupBySuffix(stacks);
  const auto overlaps = IndexOverlaps(groups);
  std::vector<Continuation> next(groups.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    const auto found = overlaps.find(groups[i].suffix.last(kOverlap));
    if (found != overlaps.end() && found->second.group != i) next[i] = found->second;
  }
  std::vector<GoStack> tails(groups.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    size_t missing = 0;
    size_t last = i;
    size_t links = 0;
    while (next[last].shift > 0) {
      missing += next[last].shift;
      last = next[last].group;
      if (++links == kMaxChain) return;
    }
    // The last stack of the chain must itself have all that is missing.
    const GoStack& source = stacks[groups[last].members.front()];
    if (missing == 0 || missing >= source.size()) continue;
    tails[i].assign(source.end() - static_cast<std::ptrdiff_t>(missing), source.end());
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    for (const size_t member : groups[i].members) {
      stacks[member].insert(stacks[member].end(), tails[i].begin(), tails[i].end());
    }
  }
}

}  // namespace flameway
