// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace flameway {

// A growing array of plain rows, for the loops that write millions of them: room is made once for a
// run and then written without a check or a copy through the stack, and nothing is initialised that
// will be overwritten (a third off decoding, against std::vector). Clear keeps the memory. One
// thread; references into it end with the next Reserve or Append.
template <typename T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  // Room for `more` rows behind the last one. What is written there counts after Extend.
  T* Reserve(size_t more) {
    if (more > capacity_ - size_) [[unlikely]]
      Grow(more);
    return data_.get() + size_;
  }
  void Extend(size_t count) { size_ += count; }
  // The next row, whose members the caller sets, each of them.
  T& Append() {
    T* const row = Reserve(1);
    ++size_;
    return *row;
  }
  void Append(const T& row) { Append() = row; }
  void Append(std::span<const T> rows) {
    std::copy(rows.begin(), rows.end(), Reserve(rows.size()));
    size_ += rows.size();
  }
  // New rows at the end are `fill`.
  void Resize(size_t size, const T& fill) {
    if (size > size_) std::fill_n(Reserve(size - size_), size - size_, fill);
    size_ = size;
  }
  void Truncate(size_t size) { size_ = size; }
  void Clear() { size_ = 0; }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] T& operator[](size_t i) { return data_.get()[i]; }
  [[nodiscard]] const T& operator[](size_t i) const { return data_.get()[i]; }
  [[nodiscard]] T* begin() { return data(); }
  [[nodiscard]] T* end() { return data() + size_; }
  [[nodiscard]] const T* begin() const { return data(); }
  [[nodiscard]] const T* end() const { return data() + size_; }
  [[nodiscard]] size_t capacity_bytes() const { return capacity_ * sizeof(T); }

 private:
  struct Free {
    void operator()(T* rows) const { std::free(rows); }
  };

  static constexpr size_t kLarge = size_t{1} << 18;

  // Doubles at least, or adds a quarter where that is much. realloc moves large blocks by remapping
  // them.
  [[gnu::noinline]] void Grow(size_t more) {
    const bool large = capacity_bytes() >= kLarge;
    const size_t usual = large ? capacity_ + capacity_ / 4 : 2 * capacity_;
    const size_t capacity = std::max({usual, size_ + more, 256 / sizeof(T) + 1});
    void* const grown = std::realloc(static_cast<void*>(data_.get()), capacity * sizeof(T));
    if (grown == nullptr) std::abort();  // as operator new without a handler
    (void)data_.release();
    data_.reset(static_cast<T*>(grown));
    capacity_ = capacity;
  }

  std::unique_ptr<T, Free> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace flameway
