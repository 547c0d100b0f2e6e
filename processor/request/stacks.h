// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/request/decoder.h"
#include "processor/request/table_index.h"

namespace flameway {

// Decodes the stack table into columns.stacks and columns.stack_locations. One for each request;
// the locations are all there.
class StackDecoder {
 public:
  explicit StackDecoder(Decoder& decoder) : decoder_(decoder) {}

  // All rows, or the zero row where there are none. False: the request is refused.
  bool Decode(const TableRows& rows);

 private:
  bool DecodeWithCare(std::string_view row);

  Decoder& decoder_;
};

}  // namespace flameway
