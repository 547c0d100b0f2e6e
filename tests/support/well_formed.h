// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/support/schema.h"

namespace flameway {

// What the request breaks of the rules a merged request keeps, one line each; empty if nothing:
//
// - with any profile: all seven tables are there and row 0 of each is the zero value
// - every index is in range
// - no two rows of a table have the same value, and none but row 0 has the zero value
// - every row but row 0 is reached from a profile, resource or scope
// - keys are unique in attribute lists and kvlists and come in one form; no 0 in attribute lists
// - linked ids have 16 and 8 bytes and are not all zero; profile ids have 16 bytes or none
// - each sample has values or timestamps, and as many of one as of the other when it has both
//
// Broken rules that SHOULD hold and may come from the sender (order of lines, ranges of timestamps)
// are not looked at. Stops after 100 lines.
[[nodiscard]] std::vector<std::string> CheckWellFormed(
    const schema::ExportProfilesServiceRequest& request);

}  // namespace flameway
