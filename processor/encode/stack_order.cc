// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/stack_order.h"

#include <algorithm>
#include <span>

namespace flameway {

void StackSorter::Sort(const OutputTable& stacks, const RowNumbering& locations,
                       RowNumbering& order) {
  frames_.Clear();
  begins_.Clear();
  items_.Clear();
  runs_.Clear();
  frames_.Reserve(stacks.lists().size());
  for (uint32_t row = 0; row < stacks.size(); ++row) {
    const std::span<const uint32_t> leaf_first = stacks.list(row);
    begins_.Append(static_cast<uint32_t>(frames_.size()));
    for (size_t i = leaf_first.size(); i-- > 0;) {
      frames_.Append(locations.NumberOf(leaf_first[i]));
    }
    items_.Append({.key = 0, .row = row});
  }
  begins_.Append(static_cast<uint32_t>(frames_.size()));

  // Row 0, the empty stack, is the least.
  runs_.Append({.begin = 0, .end = stacks.size(), .depth = 0});
  while (!runs_.empty()) {
    const Run run = runs_[runs_.size() - 1];
    runs_.Truncate(runs_.size() - 1);
    SortRun(run);
  }
  order.OrderAs(items_.size(), [this](uint32_t number) { return items_[number].row; });
}

// A frame and 1, so that a stack that has ended is less than any that goes on.
uint64_t StackSorter::FrameAt(uint32_t row, uint32_t depth) const {
  return begins_[row] + depth < begins_[row + 1] ? frames_[begins_[row] + depth] + uint64_t{1} : 0;
}

void StackSorter::SortRun(const Run& run) {
  KeyedRow* const begin = items_.data() + run.begin;
  KeyedRow* const end = items_.data() + run.end;
  bool differ = false;
  for (KeyedRow* item = begin; item < end; ++item) {
    item->key = FrameAt(item->row, run.depth) << 32 | FrameAt(item->row, run.depth + 1);
    differ |= item->key != begin->key;
  }
  if (differ) radix_.Sort({begin, end});
  for (KeyedRow* first = begin; first < end;) {
    KeyedRow* last = first + 1;
    while (last < end && last->key == first->key) ++last;
    const bool ended = static_cast<uint32_t>(first->key) == 0;
    if (last - first > 1 && !ended) {
      runs_.Append({.begin = static_cast<uint32_t>(first - items_.data()),
                    .end = static_cast<uint32_t>(last - items_.data()),
                    .depth = run.depth + 2});
    }
    first = last;
  }
}

}  // namespace flameway
