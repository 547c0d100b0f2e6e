// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flameway {

// Whether the rows of a table hold a list of numbers of rows of another one.
enum class RowLists : uint8_t { kNone, kOne };

// The rows of one output table in order of arrival, each encoded once, when it was first met. A
// row's list (its attributes, or a stack's frames) stays in numbers: the encoder may renumber what
// it refers to.
class OutputTable {
 public:
  explicit OutputTable(RowLists lists) : lists_(lists) {}

  // Rows so far, and the number of the row appended next.
  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(begins_.size()); }
  void Append(std::string_view content, std::span<const uint32_t> list) {
    begins_.push_back(bytes_.size());
    bytes_.append(content);
    if (lists_ == RowLists::kNone) return;
    list_begins_.push_back(numbers_.size());
    numbers_.insert(numbers_.end(), list.begin(), list.end());
  }
  // The encoded fields of a row, but for its list.
  [[nodiscard]] std::string_view content(uint32_t row) const {
    const size_t end = row + 1 < begins_.size() ? begins_[row + 1] : bytes_.size();
    return std::string_view(bytes_).substr(begins_[row], end - begins_[row]);
  }
  [[nodiscard]] std::span<const uint32_t> list(uint32_t row) const {
    if (lists_ == RowLists::kNone) return {};
    const size_t end = row + 1 < list_begins_.size() ? list_begins_[row + 1] : numbers_.size();
    return std::span(numbers_).subspan(list_begins_[row], end - list_begins_[row]);
  }

  // Upper bound of the encoded rows: tags, lengths and numbers included.
  [[nodiscard]] size_t encoded_bytes_bound() const {
    constexpr size_t kRowFrame = 12;
    constexpr size_t kNumber = 4;  // 2^28 rows
    return bytes_.size() + kRowFrame * begins_.size() + kNumber * numbers_.size();
  }
  [[nodiscard]] size_t memory_bytes() const {
    return bytes_.capacity() + (begins_.capacity() + list_begins_.capacity()) * sizeof(size_t) +
           numbers_.capacity() * sizeof(uint32_t);
  }
  void Clear() {
    bytes_.clear();
    begins_.clear();
    list_begins_.clear();
    numbers_.clear();
  }

 private:
  RowLists lists_;
  std::string bytes_;
  std::vector<size_t> begins_;
  std::vector<size_t> list_begins_;
  std::vector<uint32_t> numbers_;
};

}  // namespace flameway
