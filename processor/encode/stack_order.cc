// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/stack_order.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace flameway {
namespace {

// Sorts by two frames at a time, and what they do not tell apart by the next two: common beginnings
// are long, and none is read more than once.
class StackSorter {
 public:
  StackSorter(const OutputTable& stacks, const RowNumbering& locations)
      : begins_(stacks.size() + 1), items_(stacks.size()) {
    frames_.reserve(stacks.lists().size());
    for (uint32_t row = 0; row < stacks.size(); ++row) {
      const std::span<const uint32_t> leaf_first = stacks.list(row);
      begins_[row] = static_cast<uint32_t>(frames_.size());
      for (size_t i = leaf_first.size(); i-- > 0;) {
        frames_.push_back(locations.NumberOf(leaf_first[i]));
      }
      items_[row].row = row;
    }
    begins_[stacks.size()] = static_cast<uint32_t>(frames_.size());
  }

  std::vector<uint32_t> Sort() {
    // Row 0, the empty stack, is the least.
    std::vector<Run> runs{{0, static_cast<uint32_t>(items_.size()), 0}};
    while (!runs.empty()) {
      const Run run = runs.back();
      runs.pop_back();
      SortRun(run, runs);
    }
    std::vector<uint32_t> rows(items_.size());
    std::transform(items_.begin(), items_.end(), rows.begin(),
                   [](const Item& item) { return item.row; });
    return rows;
  }

 private:
  struct Item {
    uint64_t key = 0;  // the two frames at the depth of its run
    uint32_t row = 0;
  };
  // Stacks [begin, end) of items_ that are equal above `depth`.
  struct Run {
    uint32_t begin, end, depth;
  };

  // A frame and 1, so that a stack that has ended is less than any that goes on.
  [[nodiscard]] uint64_t FrameAt(uint32_t row, uint32_t depth) const {
    return begins_[row] + depth < begins_[row + 1] ? frames_[begins_[row] + depth] + uint64_t{1}
                                                   : 0;
  }

  void SortRun(const Run& run, std::vector<Run>& runs) {
    Item* const begin = items_.data() + run.begin;
    Item* const end = items_.data() + run.end;
    bool differ = false;
    for (Item* item = begin; item < end; ++item) {
      item->key = FrameAt(item->row, run.depth) << 32 | FrameAt(item->row, run.depth + 1);
      differ |= item->key != begin->key;
    }
    if (differ) {
      std::sort(begin, end, [](const Item& a, const Item& b) {
        return a.key != b.key ? a.key < b.key : a.row < b.row;
      });
    }
    for (Item* first = begin; first < end;) {
      Item* last = first + 1;
      while (last < end && last->key == first->key) ++last;
      const bool ended = static_cast<uint32_t>(first->key) == 0;
      if (last - first > 1 && !ended) {
        runs.push_back({static_cast<uint32_t>(first - items_.data()),
                        static_cast<uint32_t>(last - items_.data()), run.depth + 2});
      }
      first = last;
    }
  }

  std::vector<uint32_t> frames_;  // numbers of locations, root first
  std::vector<uint32_t> begins_;  // by row, and the end
  std::vector<Item> items_;
};

}  // namespace

std::vector<uint32_t> StacksFromTheRoot(const OutputTable& stacks, const RowNumbering& locations) {
  return StackSorter(stacks, locations).Sort();
}

}  // namespace flameway
