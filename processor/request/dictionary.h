// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "processor/request/decoder.h"
#include "processor/request/functions.h"
#include "processor/request/locations.h"
#include "processor/request/table_index.h"

namespace flameway {

// Decodes the seven tables into columns. One for each request.
class DictionaryDecoder {
 public:
  explicit DictionaryDecoder(Decoder& decoder)
      : decoder_(decoder), functions_(decoder), locations_(decoder) {}

  // The first rows of the table with this field number as soon as they are found, if it is one of
  // those that need not wait: from `p`, which moves behind them, at most `most_rows` and only what
  // goes straight. Returns how many. It saves finding them first, row after row, each at an address
  // that follows from the row before (a twentieth of decoding); what they refer to is looked at
  // when all tables are there.
  size_t DecodeEarly(uint32_t field, const char*& p, const char* end, size_t most_rows);
  // All that is left, each table after those it refers to, so that a row's fingerprint and reason
  // follow from those of its parts in one pass. Absent tables get their zero row. False: the
  // request is refused.
  bool Decode(const TableIndex& index);

 private:
  Decoder& decoder_;
  FunctionDecoder functions_;
  LocationDecoder locations_;
};

}  // namespace flameway
