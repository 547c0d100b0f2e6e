// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "processor/request/decoder.h"
#include "processor/request/straight_rows.h"
#include "processor/request/table_index.h"

namespace flameway {

// What locations refer to, as RowsThere or RowsToCome.
template <typename Rows>
struct LocationReferences {
  Rows functions, mappings, attributes;
};

// Decodes the location table into columns.locations and columns.lines. One for each request.
class LocationDecoder {
 public:
  explicit LocationDecoder(Decoder& decoder) : decoder_(decoder) {}

  // See DictionaryDecoder::DecodeEarly.
  size_t DecodeEarly(const char*& p, const char* end, size_t most_rows);
  // All the others; what they refer to is all there, and columns.attribute_indices begins with each
  // attribute once, in order. False: the request is refused.
  bool Decode(const TableRows& rows);

 private:
  [[nodiscard]] size_t LinesLeft() const;
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
  EarlyRows early_;
  LocationReferences<RowsToCome> early_references_;
};

}  // namespace flameway
