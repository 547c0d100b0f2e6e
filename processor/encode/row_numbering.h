// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace flameway {

// Numbers for the rows of a table that other rows list: the most used row first, so that most
// numbers take one byte. Rows used equally often keep the order of their arrival, and row 0 stays
// row 0. On real captures this alone takes a tenth off the merged bytes (locations -9 %, attributes
// -1 % of the input; see bench/merge_bench).
class RowNumbering {
 public:
  // `uses` counts for each row of the table how often it stands in a list.
  explicit RowNumbering(std::vector<uint32_t> uses);

  [[nodiscard]] uint32_t NumberOf(uint32_t row) const { return number_of_[row]; }
  [[nodiscard]] uint32_t RowAt(uint32_t number) const { return row_at_[number]; }

 private:
  std::vector<uint32_t> number_of_;
  std::vector<uint32_t> row_at_;
};

}  // namespace flameway
