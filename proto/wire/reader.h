// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "proto/wire/varint.h"

namespace flameway::wire {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,  // strings, bytes, messages, packed lists
  kGroup = 3,  // already skipped as a whole when Next returns it
  kFixed32 = 5,
};

enum class ReadError : uint8_t {
  kNone,
  kTruncated,      // a field reaches past the end
  kVarintTooLong,  // more than 10 bytes
  kBadTag,         // field number 0, tag over 32 bits, wire type 6 or 7, unmatched end-group
  kGroupDepth,     // groups nested deeper than kMaxGroupDepth
};

inline constexpr int kMaxGroupDepth = 32;

// Walks the fields of one message in wire order, without recursion or allocation. Views point into
// the input, which outlives the reader. Every read is bounds checked here, and only here.
//
//   Reader fields(message);
//   while (fields.Next()) switch (fields.field()) { ... fields.bytes() ... }
//   if (fields.error() != ReadError::kNone) ...   // the end and damage are different results
class Reader {
 public:
  explicit Reader(std::string_view message)
      : p_(message.data()), end_(message.data() + message.size()) {}

  // Moves to the next field. False at the end of the message and on an error.
  [[nodiscard]] bool Next() {
    if (p_ == end_) return false;
    const char* const start = p_;
    uint64_t tag;
    if (!TakeVarint(tag)) return false;
    if (tag > UINT32_MAX || tag < 8) return Fail(ReadError::kBadTag, start);
    field_ = static_cast<uint32_t>(tag >> 3);
    type_ = static_cast<WireType>(tag & 7);
    if (type_ == WireType::kVarint) return TakeVarint(value_);
    if (type_ == WireType::kBytes) return TakeBytes();
    return TakeRare(start);
  }

  // After a field of bytes numbered below 16: skips those with the same number that follow, a third
  // of the time of Next. Damage is left to that.
  void SkipRepeats() {
    while (p_ != end_ && static_cast<unsigned char>(*p_) == (field_ << 3 | 2)) {
      const char* bytes = p_ + 1;
      uint64_t size;
      if (ReadVarint(bytes, end_, size) != VarintStatus::kOk ||
          size > static_cast<uint64_t>(end_ - bytes)) {
        break;
      }
      p_ = bytes + size;
    }
  }

  [[nodiscard]] uint32_t field() const { return field_; }
  [[nodiscard]] WireType type() const { return type_; }
  // Of a kVarint, kFixed64 or kFixed32 field.
  [[nodiscard]] uint64_t value() const { return value_; }
  // Of a kBytes field.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  // What follows the current field.
  [[nodiscard]] const char* position() const { return p_; }

  [[nodiscard]] ReadError error() const { return error_; }
  // Where in the input the error was noticed.
  [[nodiscard]] const char* error_position() const { return p_; }

 private:
  bool Fail(ReadError error, const char* where) {
    error_ = error;
    p_ = where;
    end_ = where;
    return false;
  }
  bool TakeVarint(uint64_t& value) {
    const VarintStatus status = ReadVarint(p_, end_, value);
    if (status == VarintStatus::kOk) [[likely]]
      return true;
    return Fail(
        status == VarintStatus::kTooLong ? ReadError::kVarintTooLong : ReadError::kTruncated, p_);
  }
  bool TakeBytes() {
    uint64_t size;
    if (!TakeVarint(size)) return false;
    if (size > static_cast<uint64_t>(end_ - p_)) return Fail(ReadError::kTruncated, p_);
    bytes_ = std::string_view(p_, static_cast<size_t>(size));
    p_ += size;
    return true;
  }
  bool TakeRare(const char* start);
  bool SkipGroup(const char* start);

  const char* p_;
  const char* end_;
  uint32_t field_ = 0;
  WireType type_ = WireType::kVarint;
  ReadError error_ = ReadError::kNone;
  uint64_t value_ = 0;
  std::string_view bytes_;
};

// The tag of a field numbered below 16, as straight ways compare it.
[[nodiscard]] constexpr unsigned char OneByteTag(uint32_t field, WireType type) {
  return static_cast<unsigned char>(field << 3 | static_cast<uint32_t>(type));
}

// The straight way through a message that has only varint fields numbered 1 to N, as most
// dictionary rows are: values by field number, the last of repeated ones, 0 for absent ones. False
// when anything else is in it, damage included; the caller then walks it with Reader, the slow
// twin. A third of Reader's instructions.
template <size_t N>
[[nodiscard]] inline bool ReadVarintFields(std::string_view message, uint64_t (&values)[N + 1]) {
  const char* p = message.data();
  const char* const end = p + message.size();
  while (p < end) {
    const auto tag = static_cast<unsigned char>(*p++);
    if ((tag & 0x87) != 0 || tag < 8 || tag > 8 * N) return false;
    if (ReadVarint(p, end, values[tag >> 3]) != VarintStatus::kOk) return false;
  }
  return true;
}

// Little-endian 8 bytes at `p`, as in fixed64 fields and packed fixed64 lists.
inline uint64_t LoadFixed64(const char* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);  // the supported machines are little endian
  return value;
}

}  // namespace flameway::wire
