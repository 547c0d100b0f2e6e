// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "processor/batch/output_table.h"
#include "processor/encode/radix_sort.h"
#include "processor/encode/row_numbering.h"
#include "processor/model/buffer.h"

namespace flameway {

// Orders the rows of a table of stacks by the numbers of their locations from the root to the leaf.
// Looks at each frame about once, plus n log n; memory, kept from table to table: 4 bytes a frame,
// 20 a stack.
//
// Sorts by two frames at a time, and what they do not tell apart by the next two: common beginnings
// are long, and none is read more than once.
class StackSorter {
 public:
  void Sort(const OutputTable& stacks, const RowNumbering& locations, RowNumbering& order);
  [[nodiscard]] size_t capacity_bytes() const {
    return frames_.capacity_bytes() + begins_.capacity_bytes() + items_.capacity_bytes() +
           runs_.capacity_bytes() + radix_.capacity_bytes();
  }

 private:
  // Stacks [begin, end) of items_ that are equal above `depth`.
  struct Run {
    uint32_t begin, end, depth;
  };

  [[nodiscard]] uint64_t FrameAt(uint32_t row, uint32_t depth) const;
  void SortRun(const Run& run);

  Buffer<uint32_t> frames_;  // numbers of locations, root first
  Buffer<uint32_t> begins_;  // by row, and the end
  Buffer<KeyedRow> items_;   // by the two frames at the depth of their run
  Buffer<Run> runs_;         // still to be sorted
  RadixSort radix_;
};

}  // namespace flameway
