// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace flameway {

// "flameway/<version>": what every request of ours calls itself. The sender's own is never passed
// on.
[[nodiscard]] std::string_view UserAgent();

}  // namespace flameway
