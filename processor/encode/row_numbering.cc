// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_numbering.h"

#include <algorithm>
#include <utility>

namespace flameway {

RowNumbering RowNumbering::ByUse(std::vector<uint32_t> uses) {
  const auto rows = static_cast<uint32_t>(uses.size());
  std::vector<uint32_t> row_at(rows);
  // Few rows are used often: those are sorted. The many others fall into one bucket per count.
  constexpr uint32_t kOften = 64;
  uint32_t begins[kOften + 1] = {};
  std::vector<uint32_t> often;
  for (uint32_t row = 1; row < rows; ++row) {
    if (uses[row] >= kOften) {
      often.push_back(row);
    } else {
      ++begins[uses[row]];
    }
  }
  std::stable_sort(often.begin(), often.end(),
                   [&uses](uint32_t a, uint32_t b) { return uses[a] > uses[b]; });
  std::copy(often.begin(), often.end(), row_at.begin() + (rows > 0 ? 1 : 0));
  uint32_t next = 1 + static_cast<uint32_t>(often.size());
  for (uint32_t count = kOften; count-- > 0;) next += std::exchange(begins[count], next);
  for (uint32_t row = 1; row < rows; ++row) {
    if (uses[row] < kOften) row_at[begins[uses[row]]++] = row;
  }
  return InOrder(std::move(row_at));
}

RowNumbering RowNumbering::InOrder(std::vector<uint32_t> rows) {
  RowNumbering numbering;
  numbering.number_of_.resize(rows.size());
  for (uint32_t number = 0; number < rows.size(); ++number) {
    numbering.number_of_[rows[number]] = number;
  }
  numbering.row_at_ = std::move(rows);
  return numbering;
}

}  // namespace flameway
