// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "processor/model/buffer.h"

namespace flameway {

// Whether the rows of a table hold a list of numbers of rows of another one.
enum class RowLists : uint8_t { kNone, kOne };

// The rows of one output table in order of arrival, each encoded once, when it was first met, and
// right where it stays: a row is opened, its content and its list are written behind those of the
// row before, and it is closed. A row's list (its attributes, or a stack's frames) stays in
// numbers: the encoder may renumber what it refers to. At most 4 GiB of content and 2^32 numbers.
class OutputTable {
 public:
  explicit OutputTable(RowLists lists) : lists_(lists) {}

  // Rows so far, and the number of the row closed next.
  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }

  // Room for `most` more bytes of the open row's content; written up to `end`.
  [[nodiscard]] char* Open(size_t most) { return bytes_.Reserve(most); }
  void Written(const char* end) { bytes_.Extend(static_cast<size_t>(end - bytes_.end())); }
  void Write(std::string_view content) { bytes_.Append(std::span(content.data(), content.size())); }
  // The list of the open row, to be filled by the caller.
  [[nodiscard]] uint32_t* OpenList(size_t count) {
    uint32_t* const list = numbers_.Reserve(count);
    numbers_.Extend(count);
    return list;
  }
  void Close() {
    ends_.Append(static_cast<uint32_t>(bytes_.size()));
    if (lists_ == RowLists::kOne) list_ends_.Append(static_cast<uint32_t>(numbers_.size()));
  }
  // What was written of the open row.
  [[nodiscard]] std::string_view open_content() const {
    return {bytes_.begin() + EndOf(ends_, size()), bytes_.end()};
  }
  [[nodiscard]] std::span<const uint32_t> open_list() const {
    return std::span<const uint32_t>(numbers_).subspan(EndOf(list_ends_, size()));
  }
  [[nodiscard]] bool OpenIsSameAs(uint32_t row) const {
    return content(row) == open_content() && std::ranges::equal(list(row), open_list());
  }
  // Forgets it.
  void Drop() {
    bytes_.Truncate(EndOf(ends_, size()));
    numbers_.Truncate(EndOf(list_ends_, size()));
  }

  // The encoded fields of a row, but for its list.
  [[nodiscard]] std::string_view content(uint32_t row) const {
    const uint32_t begin = EndOf(ends_, row);
    return {bytes_.data() + begin, ends_[row] - begin};
  }
  [[nodiscard]] std::span<const uint32_t> list(uint32_t row) const {
    if (lists_ == RowLists::kNone) return {};
    const uint32_t begin = EndOf(list_ends_, row);
    return {numbers_.data() + begin, list_ends_[row] - begin};
  }

  // For a reader that jumps: first where a row stands, a few rows later what stands there. Inlined
  // by force, as Table::Prefetch is.
  [[gnu::always_inline]] void PrefetchPlace(uint32_t row) const {
    __builtin_prefetch(ends_.data() + row);
    if (lists_ == RowLists::kOne) __builtin_prefetch(list_ends_.data() + row);
  }
  [[gnu::always_inline]] void PrefetchRow(uint32_t row) const {
    __builtin_prefetch(bytes_.data() + EndOf(ends_, row));
    if (lists_ == RowLists::kOne) __builtin_prefetch(numbers_.data() + EndOf(list_ends_, row));
  }

  // The lists of all rows, one after the other.
  [[nodiscard]] std::span<const uint32_t> lists() const { return numbers_; }

  // Upper bound of the encoded rows: tags, lengths and numbers included.
  [[nodiscard]] size_t encoded_bytes_bound() const {
    constexpr size_t kRowFrame = 12;
    constexpr size_t kNumber = 4;  // 2^28 rows
    return bytes_.size() + kRowFrame * ends_.size() + kNumber * numbers_.size();
  }
  [[nodiscard]] size_t memory_bytes() const {
    return bytes_.capacity_bytes() + ends_.capacity_bytes() + list_ends_.capacity_bytes() +
           numbers_.capacity_bytes();
  }
  void Clear() {
    bytes_.Clear();
    ends_.Clear();
    list_ends_.Clear();
    numbers_.Clear();
  }

 private:
  // Of the row before `row`: where `row` begins.
  static uint32_t EndOf(const Buffer<uint32_t>& ends, uint32_t row) {
    return row == 0 || ends.empty() ? 0 : ends[row - 1];
  }

  RowLists lists_;
  Buffer<char> bytes_;
  Buffer<uint32_t> ends_;
  Buffer<uint32_t> list_ends_;
  Buffer<uint32_t> numbers_;
};

}  // namespace flameway
