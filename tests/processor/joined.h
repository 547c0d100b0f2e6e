// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/support/schema.h"

namespace flameway {

// What of a merged request should have been joined by docs/decisions/0003 (coalesce: lossless) and
// was not; empty if nothing. The request is well formed, so equal rows have equal numbers.
//
// - no two rows of a table of the dictionary that are the same
// - no two resources, and no two scopes of one, that say the same
// - no two profiles of a scope with equal head, shape and, for plain values, window; profiles with
//   a payload excepted
// - no two samples of a profile with equal stack, attributes, link and shape; lists of values
//   excepted, and sums where one is so large that they may have overflown
[[nodiscard]] std::string Unjoined(const schema::ExportProfilesServiceRequest& merged);

}  // namespace flameway
