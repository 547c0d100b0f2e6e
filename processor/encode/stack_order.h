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
// 36 a stack.
//
// Sorts by as many frames at a time as a word holds, two to four, and what they do not tell apart
// by the next: common beginnings are long, and none is read more than once.
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

  // The frames of a stack from `depth` on, the first in the highest bits. They begin inside the
  // stack.
  [[nodiscard]] uint64_t KeyAt(uint32_t row, uint32_t depth) const;
  void SortRun(const Run& run);

  static constexpr uint32_t kMostFrames = 4;  // of a key

  uint32_t frame_bits_ = 0;
  uint32_t frames_a_key_ = 0;
  // Numbers of locations and 1, root first. Zeros follow each stack, as many as a key can take:
  // what has ended is less than what goes on.
  Buffer<uint32_t> frames_;
  Buffer<uint32_t> begins_;  // by row
  Buffer<KeyedRow> items_;   // by the frames at the depth of their run
  Buffer<Run> runs_;         // still to be sorted
  RadixSort radix_;
};

}  // namespace flameway
