// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace flameway {

// Puts `content` at `path` ("-": `standard_output`). A file appears whole or not at all: it is
// written beside its place and renamed. Status: kFailedPrecondition if it cannot be created,
// kUnknown for trouble while writing.
[[nodiscard]] absl::Status WriteOutputFile(const std::string& path, std::string_view content,
                                           std::ostream& standard_output);

}  // namespace flameway
