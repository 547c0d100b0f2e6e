// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_numbering.h"

#include <algorithm>
#include <numeric>

namespace flameway {

RowNumbering::RowNumbering(uint32_t rows, const std::vector<uint32_t>& uses)
    : number_of_(rows), row_at_(rows) {
  std::iota(row_at_.begin(), row_at_.end(), 0);
  const auto used = [&uses](uint32_t row) { return row < uses.size() ? uses[row] : 0; };
  if (rows > 1) {
    // Most rows are used once or never and stay where they are, behind the others.
    const auto first = row_at_.begin() + 1;
    const auto once = std::stable_partition(first, row_at_.end(),
                                            [&used](uint32_t row) { return used(row) > 1; });
    std::stable_sort(first, once, [&used](uint32_t a, uint32_t b) { return used(a) > used(b); });
  }
  for (uint32_t number = 0; number < rows; ++number) number_of_[row_at_[number]] = number;
}

}  // namespace flameway
