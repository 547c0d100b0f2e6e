// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/request/decoder.h"

namespace flameway {

// Decodes the stack table, one row after the other, into columns.stacks and
// columns.stack_locations. One for each request; the locations are all there.
class StackDecoder {
 public:
  explicit StackDecoder(Decoder& decoder) : decoder_(decoder) {}

  // False: the request is refused.
  bool Decode(std::string_view row);

 private:
  bool DecodeStraight(std::string_view row);
  bool DecodeWithCare(std::string_view row);
  void Add(size_t begin, size_t count, Reason reason);

  Decoder& decoder_;
};

}  // namespace flameway
