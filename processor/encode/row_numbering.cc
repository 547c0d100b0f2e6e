// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_numbering.h"

#include <algorithm>
#include <utility>

namespace flameway {

uint32_t* RowNumbering::Room(Buffer<uint32_t>& buffer, size_t rows) {
  buffer.Clear();
  uint32_t* const begin = buffer.Reserve(rows);
  buffer.Extend(rows);
  return begin;
}

void RowNumbering::Invert() {
  uint32_t* const number_of = Room(number_of_, row_at_.size());
  for (uint32_t number = 0; number < row_at_.size(); ++number) number_of[row_at_[number]] = number;
}

void RowNumbering::KeepArrival() {
  number_of_.Clear();
  row_at_.Clear();
}

void RowNumbering::OrderByUse(std::span<const uint32_t> uses) {
  const auto rows = static_cast<uint32_t>(uses.size());
  uint32_t* const row_at = Room(row_at_, rows);
  if (rows > 0) row_at[0] = 0;
  // Few rows are used often: those are sorted. The many others fall into one bucket per count.
  constexpr uint32_t kOften = 64;
  uint32_t begins[kOften + 1] = {};
  uint32_t next = 1;
  for (uint32_t row = 1; row < rows; ++row) {
    if (uses[row] >= kOften) {
      row_at[next++] = row;
    } else {
      ++begins[uses[row]];
    }
  }
  std::sort(
      row_at + std::min(rows, 1u), row_at + std::min(rows, next),
      [uses](uint32_t a, uint32_t b) { return uses[a] != uses[b] ? uses[a] > uses[b] : a < b; });
  for (uint32_t count = kOften; count-- > 0;) next += std::exchange(begins[count], next);
  for (uint32_t row = 1; row < rows; ++row) {
    if (uses[row] < kOften) row_at[begins[uses[row]]++] = row;
  }
  KeepArrivalWhereSizesAreEqual();
}

// A number serves as well as any other of its size, and what arrived together is alike: 0.8 to 1.3
// % fewer bytes once compressed.
void RowNumbering::KeepArrivalWhereSizesAreEqual() {
  const auto rows = static_cast<uint32_t>(row_at_.size());
  uint32_t next[] = {0, 1u << 7, 1u << 14, 1u << 21, 1u << 28};  // by bytes of the number
  uint32_t* const number_of = Room(number_of_, rows);
  for (uint32_t number = 0, size = 0; number < rows; ++number) {
    if (number == next[size + 1]) ++size;
    number_of[row_at_[number]] = size;
  }
  for (uint32_t row = 0; row < rows; ++row) {
    number_of[row] = next[number_of[row]]++;
    row_at_[number_of[row]] = row;
  }
}

void RowNumberings::KeepArrival() {
  for (RowNumbering* table :
       {&strings, &attributes, &functions, &mappings, &locations, &stacks, &links}) {
    table->KeepArrival();
  }
  resources.clear();
  samples.clear();
  samples_of.clear();
}

size_t RowNumberings::capacity_bytes() const {
  size_t bytes = (resources.capacity() + samples.capacity()) * sizeof(uint32_t) +
                 samples_of.capacity() * sizeof(ListSpan);
  for (const RowNumbering* table :
       {&strings, &attributes, &functions, &mappings, &locations, &stacks, &links}) {
    bytes += table->capacity_bytes();
  }
  return bytes;
}

}  // namespace flameway
