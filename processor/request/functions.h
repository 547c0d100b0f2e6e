// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "processor/request/decoder.h"
#include "processor/request/straight_rows.h"
#include "processor/request/table_index.h"

namespace flameway {

// Decodes the function table into columns.functions. One for each request.
class FunctionDecoder {
 public:
  explicit FunctionDecoder(Decoder& decoder) : decoder_(decoder) {}

  // See DictionaryDecoder::DecodeEarly.
  size_t DecodeEarly(const char*& p, const char* end, size_t most_rows);
  // All the others; the strings are all there. False: the request is refused.
  bool Decode(const TableRows& rows);

 private:
  bool DecodeWithCare(std::string_view row);

  Decoder& decoder_;
  EarlyRows early_;
  RowsToCome early_strings_;
};

}  // namespace flameway
