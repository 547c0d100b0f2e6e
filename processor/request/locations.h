// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "processor/request/decoder.h"
#include "processor/request/table_index.h"

namespace flameway {

// Decodes the location table into columns.locations and columns.lines. One for each request; the
// functions, mappings and attributes are all there.
class LocationDecoder {
 public:
  explicit LocationDecoder(Decoder& decoder) : decoder_(decoder) {}

  // False: the request is refused.
  bool Decode(const TableRows& rows);

 private:
  // What a location says before its parts are looked up. Its lines are in columns.lines already.
  struct Fields {
    int32_t mapping = 0;
    uint64_t address = 0;
  };

  // The slow twin of the straight way, for any legal form and for what is wrong.
  bool DecodeWithCare(std::string_view row);
  bool Walk(std::string_view row, Fields& fields, Reason& reason);
  bool WalkLine(std::string_view message, Reason& reason);

  Decoder& decoder_;
};

}  // namespace flameway
