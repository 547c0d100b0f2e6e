// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/reader.h"

namespace flameway::wire {

bool Reader::TakeRare(const char* start) {
  switch (static_cast<uint8_t>(type_)) {
    case 1:
      if (end_ - p_ < 8) return Fail(ReadError::kTruncated, p_);
      value_ = LoadFixed64(p_);
      p_ += 8;
      return true;
    case 3:
      return SkipGroup(start);
    case 5: {
      if (end_ - p_ < 4) return Fail(ReadError::kTruncated, p_);
      uint32_t value;
      std::memcpy(&value, p_, sizeof value);
      value_ = value;
      p_ += 4;
      return true;
    }
    default:  // an end-group that no group opened, or types 6 and 7
      return Fail(ReadError::kBadTag, start);
  }
}

bool Reader::SkipGroup(const char* start) {
  uint32_t open[kMaxGroupDepth];
  int depth = 0;
  open[depth++] = field_;
  while (depth > 0) {
    const char* const inner = p_;
    uint64_t tag;
    if (!TakeVarint(tag)) return false;
    if (tag > UINT32_MAX || tag < 8) return Fail(ReadError::kBadTag, inner);
    const auto field = static_cast<uint32_t>(tag >> 3);
    switch (tag & 7) {
      case 0:
        if (!TakeVarint(value_)) return false;
        break;
      case 1:
        if (end_ - p_ < 8) return Fail(ReadError::kTruncated, p_);
        p_ += 8;
        break;
      case 2:
        if (!TakeBytes()) return false;
        break;
      case 3:
        if (depth == kMaxGroupDepth) return Fail(ReadError::kGroupDepth, start);
        open[depth++] = field;
        break;
      case 4:
        if (open[--depth] != field) return Fail(ReadError::kBadTag, inner);
        break;
      case 5:
        if (end_ - p_ < 4) return Fail(ReadError::kTruncated, p_);
        p_ += 4;
        break;
      default:
        return Fail(ReadError::kBadTag, inner);
    }
  }
  type_ = WireType::kGroup;
  return true;
}

}  // namespace flameway::wire
