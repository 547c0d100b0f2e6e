// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "processor/request/decoder.h"

namespace flameway {

// Decodes the location table, one row after the other, into columns.locations and columns.lines.
// One for each request.
class LocationDecoder {
 public:
  explicit LocationDecoder(Decoder& decoder) : decoder_(decoder) {}

  // False: the request is refused.
  bool Decode(std::string_view row);

 private:
  // What a location says before its parts are looked up. Its lines are in columns.lines already.
  struct Fields {
    int32_t mapping = 0;
    uint64_t address = 0;
    std::string_view list;  // of attributes, if it is one packed part
  };
  // A list of attributes and what is known of it.
  struct AttributeList {
    ListSpan span;
    bool known = false;
  };

  bool ReadStraight(std::string_view row, Fields& fields, Reason& reason);
  bool WalkWithCare(std::string_view row, Fields& fields, Reason& reason);
  bool WalkLine(std::string_view message, Reason& reason);
  void AddLine(int32_t function, uint64_t line, uint64_t column, Reason& reason);
  // The list of a location that was read straight.
  bool TakeAttributes(std::string_view list, AttributeList& attributes, Reason& reason);

  Decoder& decoder_;
  // Nearly all locations carry one attribute, their frame type: those lists by their only entry.
  static constexpr size_t kOneByteEntries = 128;
  std::array<AttributeList, kOneByteEntries> single_{};
};

}  // namespace flameway
