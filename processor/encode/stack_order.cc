// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/stack_order.h"

#include <algorithm>
#include <bit>
#include <span>

namespace flameway {

void StackSorter::Sort(const OutputTable& stacks, const RowNumbering& locations,
                       RowNumbering& order) {
  begins_.Clear();
  items_.Clear();
  runs_.Clear();
  frames_.Clear();
  uint32_t* const frames =
      frames_.Reserve(stacks.lists().size() + size_t{stacks.size()} * kMostFrames);
  uint32_t* next = frames;
  uint32_t most = 0;
  for (uint32_t row = 0; row < stacks.size(); ++row) {
    const std::span<const uint32_t> leaf_first = stacks.list(row);
    begins_.Append(static_cast<uint32_t>(next - frames));
    for (size_t i = leaf_first.size(); i-- > 0;) {
      const uint32_t frame = locations.NumberOf(leaf_first[i]) + 1;
      most = std::max(most, frame);
      *next++ = frame;
    }
    next = std::fill_n(next, kMostFrames, 0);
    items_.Append({.key = 0, .row = row});
  }
  frames_.Extend(static_cast<size_t>(next - frames));
  frame_bits_ = std::max(static_cast<uint32_t>(std::bit_width(most)), 64 / kMostFrames);
  frames_a_key_ = 64 / frame_bits_;

  // Row 0, the empty stack, is the least.
  runs_.Append({.begin = 0, .end = stacks.size(), .depth = 0});
  while (!runs_.empty()) {
    const Run run = runs_[runs_.size() - 1];
    runs_.Truncate(runs_.size() - 1);
    SortRun(run);
  }
  order.OrderAs(items_.size(), [this](uint32_t number) { return items_[number].row; });
}

uint64_t StackSorter::KeyAt(uint32_t row, uint32_t depth) const {
  const uint32_t* const frames = frames_.data() + begins_[row] + depth;
  uint64_t key = 0;
  for (uint32_t i = 0; i < frames_a_key_; ++i) key = key << frame_bits_ | frames[i];
  return key;
}

void StackSorter::SortRun(const Run& run) {
  KeyedRow* const begin = items_.data() + run.begin;
  KeyedRow* const end = items_.data() + run.end;
  bool differ = false;
  for (KeyedRow* item = begin; item < end; ++item) {
    item->key = KeyAt(item->row, run.depth);
    differ |= item->key != begin->key;
  }
  if (differ) radix_.Sort({begin, end});
  for (KeyedRow* first = begin; first < end;) {
    KeyedRow* last = first + 1;
    while (last < end && last->key == first->key) ++last;
    const bool ended = (first->key & ((uint64_t{1} << frame_bits_) - 1)) == 0;
    if (last - first > 1 && !ended) {
      runs_.Append({.begin = static_cast<uint32_t>(first - items_.data()),
                    .end = static_cast<uint32_t>(last - items_.data()),
                    .depth = run.depth + frames_a_key_});
    }
    first = last;
  }
}

}  // namespace flameway
