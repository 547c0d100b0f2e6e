// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_numbering.h"

#include <algorithm>
#include <utility>

namespace flameway {

RowNumbering::RowNumbering(std::vector<uint32_t> uses)
    : number_of_(std::move(uses)), row_at_(number_of_.size()) {
  const auto rows = static_cast<uint32_t>(row_at_.size());
  const auto used = [this](uint32_t row) { return number_of_[row]; };
  // Few rows are used often: those are sorted. The many others fall into one bucket per count.
  constexpr uint32_t kOften = 64;
  uint32_t begins[kOften + 1] = {};
  std::vector<uint32_t> often;
  for (uint32_t row = 1; row < rows; ++row) {
    const uint32_t count = used(row);
    if (count >= kOften) {
      often.push_back(row);
    } else {
      ++begins[count];
    }
  }
  std::stable_sort(often.begin(), often.end(),
                   [&used](uint32_t a, uint32_t b) { return used(a) > used(b); });
  std::copy(often.begin(), often.end(), row_at_.begin() + (rows > 0 ? 1 : 0));
  uint32_t next = 1 + static_cast<uint32_t>(often.size());
  for (uint32_t count = kOften; count-- > 0;) next += std::exchange(begins[count], next);
  for (uint32_t row = 1; row < rows; ++row) {
    if (const uint32_t count = used(row); count < kOften) row_at_[begins[count]++] = row;
  }
  for (uint32_t number = 0; number < rows; ++number) number_of_[row_at_[number]] = number;
}

}  // namespace flameway
