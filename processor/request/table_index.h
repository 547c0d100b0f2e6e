// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "processor/request/decoder.h"

namespace flameway {

// Where the rows of a request lie: the first pass. It reads only tags and lengths of the two outer
// levels (about 3 ns a row), so the bounds on rows and elements hold before anything is built from
// them.
struct TableIndex {
  std::vector<std::string_view> strings, attributes, functions, mappings, locations, stacks, links;
  std::vector<std::string_view> resource_profiles;

  void Clear();
  [[nodiscard]] size_t capacity_bytes() const;
};

// Fills `index` from `decoder.bytes`. Repeated dictionaries are read as one.
bool IndexTables(Decoder& decoder, TableIndex& index);

}  // namespace flameway
