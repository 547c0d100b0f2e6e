// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "processor/batch/output_table.h"
#include "processor/encode/radix_sort.h"
#include "processor/encode/row_numbering.h"
#include "processor/model/buffer.h"

namespace flameway {

// The first eight bytes of a text, zeroes behind its end, as a number that orders texts as they do.
inline uint64_t WordOf(std::string_view text) {
  std::array<char, 8> bytes{};
  std::copy_n(text.begin(), std::min(text.size(), bytes.size()), bytes.begin());
  uint64_t word;
  std::memcpy(&word, bytes.data(), sizeof word);
  return __builtin_bswap64(word);
}

// Orders the rows of a table of distinct texts, of which row 0 is the empty one. As StackSorter, by
// a word at a time: common beginnings are long, and none is read more than once.
class TextSorter {
 public:
  void Sort(const OutputTable& texts, RowNumbering& order);
  [[nodiscard]] size_t capacity_bytes() const {
    return items_.capacity_bytes() + runs_.capacity_bytes() + radix_.capacity_bytes();
  }

 private:
  // Rows [begin, end) of items_ whose texts are equal before `depth`.
  struct Run {
    uint32_t begin, end, depth;
  };

  void SortRun(const OutputTable& texts, const Run& run);

  Buffer<KeyedRow> items_;
  Buffer<Run> runs_;  // still to be sorted
  RadixSort radix_;
};

}  // namespace flameway
