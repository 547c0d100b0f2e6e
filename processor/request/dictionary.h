// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "processor/request/decoder.h"
#include "processor/request/table_index.h"

namespace flameway {

// Decodes the seven tables into columns, each after the tables it refers to, so that a row's
// fingerprint and reason follow from those of its parts in one pass. Absent tables get their zero
// row.
bool DecodeDictionary(Decoder& decoder, const TableIndex& index);

}  // namespace flameway
