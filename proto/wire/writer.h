// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "proto/wire/reader.h"
#include "proto/wire/varint.h"

namespace flameway::wire {

[[nodiscard]] constexpr uint32_t Tag(uint32_t field, WireType type) {
  return field << 3 | static_cast<uint32_t>(type);
}

// Appends fields to a string it borrows. Scalars of value 0 are written too: the caller leaves out
// what is unset.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}

  void Varint(uint64_t value) {
    char buffer[kMaxVarintBytes];
    out_->append(buffer, WriteVarint(buffer, value));
  }
  void VarintField(uint32_t field, uint64_t value) {
    char buffer[2 * kMaxVarintBytes];
    char* p = WriteVarint(buffer, Tag(field, WireType::kVarint));
    out_->append(buffer, WriteVarint(p, value));
  }
  // Leaves out 0, the default of every proto3 scalar.
  void VarintFieldUnlessZero(uint32_t field, uint64_t value) {
    if (value != 0) VarintField(field, value);
  }
  void Fixed64Field(uint32_t field, uint64_t value) {
    char buffer[kMaxVarintBytes + 8];
    char* p = WriteVarint(buffer, Tag(field, WireType::kFixed64));
    std::memcpy(p, &value, 8);
    out_->append(buffer, p + 8);
  }
  void BytesField(uint32_t field, std::string_view bytes) {
    BytesPrefix(field, bytes.size());
    out_->append(bytes);
  }
  // Tag and length of a field whose `size` bytes the caller appends next.
  void BytesPrefix(uint32_t field, size_t size) {
    char buffer[2 * kMaxVarintBytes];
    char* p = WriteVarint(buffer, Tag(field, WireType::kBytes));
    out_->append(buffer, WriteVarint(p, size));
  }

 private:
  std::string* out_;
};

// The scalar fields of one small message, collected on the stack and appended at once: a call per
// row instead of one per field. `Fields` is the most that are written.
template <size_t Fields>
class SmallMessage {
 public:
  void VarintFieldUnlessZero(uint32_t field, uint64_t value) {
    if (value == 0) return;
    end_ = WriteVarint(WriteVarint(end_, Tag(field, WireType::kVarint)), value);
  }
  [[nodiscard]] size_t size() const { return static_cast<size_t>(end_ - buffer_); }
  [[nodiscard]] std::string_view bytes() const { return {buffer_, size()}; }

 private:
  char buffer_[Fields * (5 + kMaxVarintBytes)];
  char* end_ = buffer_;
};

// A varint of up to seven bytes, made once to be written often: its bytes at the top of the word,
// as many as the lowest byte says.
[[nodiscard]] inline uint64_t PackVarint(uint32_t value) {
  uint64_t bytes = value & 0x7F;
  size_t size = 1;
  for (; value >= 0x80; ++size) {
    value >>= 7;
    bytes |= uint64_t{0x80} << 8 * (size - 1) | uint64_t{value & 0x7F} << 8 * size;
  }
  return bytes << 8 * (8 - size) | size;
}

// Writes back to front into room that is known to be enough (BackWriter::Open): nothing is checked,
// and a loop keeps its one pointer in a register, where BackWriter's own would be read and written
// again with every byte.
class BackCursor {
 public:
  // What a packed varint may write below its place, beside what is written.
  static constexpr size_t kSlack = 8;

  explicit BackCursor(char* end) : begin_(end) {}

  // The first byte written so far.
  [[nodiscard]] char* begin() const { return begin_; }

  void Varint(uint64_t value) {
    if (value < 0x80) {
      *--begin_ = static_cast<char>(value);
    } else if (value < 0x4000) {
      begin_ -= 2;
      begin_[0] = static_cast<char>(value | 0x80);
      begin_[1] = static_cast<char>(value >> 7);
    } else {
      begin_ -= VarintSize(value);
      WriteVarint(begin_, value);
    }
  }
  // No branch on its size.
  void Packed(uint64_t varint) {
    std::memcpy(begin_ - sizeof varint, &varint, sizeof varint);
    begin_ -= varint & 0xFF;
  }
  void VarintFieldUnlessZero(uint32_t field, uint64_t value) {
    if (value == 0) return;
    Varint(value);
    Varint(Tag(field, WireType::kVarint));
  }
  void Bytes(std::string_view bytes) {
    begin_ -= bytes.size();
    if (!bytes.empty()) std::memcpy(begin_, bytes.data(), bytes.size());
  }
  // Turns what was written since begin() was `end` into the content of a length-delimited field.
  void BytesPrefix(uint32_t field, const char* end) {
    Varint(static_cast<uint64_t>(end - begin_));
    Varint(Tag(field, WireType::kBytes));
  }

 private:
  char* begin_;
};

// Writes a message from its end to its beginning, so that a length is known when it is to be
// written and nothing is measured twice. Fields, and elements inside them, are therefore given last
// first. Grows by doubling.
class BackWriter {
 public:
  // `expected` is the size to make room for at once; what is not used of it is never touched.
  explicit BackWriter(size_t expected)
      : buffer_(std::make_unique_for_overwrite<char[]>(expected)),
        capacity_(expected),
        begin_(expected) {}

  // The same in memory that another writer handed over, if it is enough; else it makes room for
  // half more, so that messages of slowly growing size do not each ask for memory.
  BackWriter(std::unique_ptr<char[]> storage, size_t capacity, size_t expected)
      : buffer_(std::move(storage)), capacity_(capacity), begin_(capacity) {
    if (buffer_ != nullptr && capacity >= expected) return;
    *this = BackWriter(capacity > 0 ? expected + expected / 2 : expected);
  }

  // Bytes written so far; the difference of two marks is the size of what stands between them.
  [[nodiscard]] size_t size() const { return capacity_ - begin_; }

  // One and two bytes, which is what row numbers take, without a loop.
  void Varint(uint64_t value) {
    if (value < 0x80) {
      *Claim(1) = static_cast<char>(value);
    } else if (value < 0x4000) {
      char* const p = Claim(2);
      p[0] = static_cast<char>(value | 0x80);
      p[1] = static_cast<char>(value >> 7);
    } else {
      WriteVarint(Claim(VarintSize(value)), value);
    }
  }
  void VarintField(uint32_t field, uint64_t value) {
    Varint(value);
    Varint(Tag(field, WireType::kVarint));
  }
  void VarintFieldUnlessZero(uint32_t field, uint64_t value) {
    if (value != 0) VarintField(field, value);
  }
  void Fixed64Field(uint32_t field, uint64_t value) {
    std::memcpy(Claim(8), &value, 8);
    Varint(Tag(field, WireType::kFixed64));
  }
  void Bytes(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Claim(bytes.size()), bytes.data(), bytes.size());
  }
  void BytesField(uint32_t field, std::string_view bytes) {
    const size_t mark = size();
    Bytes(bytes);
    BytesPrefix(field, mark);
  }
  // Turns everything written since `mark` into the content of a length-delimited field.
  void BytesPrefix(uint32_t field, size_t mark) {
    Varint(size() - mark);
    Varint(Tag(field, WireType::kBytes));
  }

  // Room for `most` bytes, to be written by way of the cursor; what it wrote counts after Close.
  [[nodiscard]] BackCursor Open(size_t most) {
    if (most + BackCursor::kSlack > begin_) [[unlikely]]
      Grow(most + BackCursor::kSlack);
    return BackCursor(buffer_.get() + begin_);
  }
  void Close(const BackCursor& cursor) {
    begin_ = static_cast<size_t>(cursor.begin() - buffer_.get());
  }

  // Starts over, in the same memory.
  void Clear() { begin_ = capacity_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }

  // The message so far.
  [[nodiscard]] std::string_view message() const { return {buffer_.get() + begin_, size()}; }
  // Hands over the memory that message() stands in; the writer is done.
  [[nodiscard]] std::unique_ptr<char[]> TakeStorage() { return std::move(buffer_); }

 private:
  char* Claim(size_t size) {
    if (size > begin_) [[unlikely]]
      Grow(size);
    begin_ -= size;
    return buffer_.get() + begin_;
  }
  void Grow(size_t size);

  std::unique_ptr<char[]> buffer_;
  size_t capacity_;
  size_t begin_;  // the message is buffer_[begin_, capacity_)
};

}  // namespace flameway::wire
