// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flameway {

// The tables of a request's dictionary as text, a line for each row: its number, its fields as they
// stand, and what its references to strings say. At most `max_rows` of each table, 0 meaning all.
// The message may be anything.
[[nodiscard]] std::string DescribeDictionary(std::string_view message, size_t max_rows);

}  // namespace flameway
