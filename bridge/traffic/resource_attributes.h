// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/traffic/request_writer.h"

namespace flameway {

using ResourceAttributes = std::vector<std::pair<std::string, std::variant<std::string, int64_t>>>;

// The request with `attributes` in each of its resources; an attribute of the same key that is
// there already is replaced. Everything else stays byte for byte. A damaged request is returned as
// it is.
[[nodiscard]] std::string WithResourceAttributes(std::string_view request,
                                                 const ResourceAttributes& attributes);

}  // namespace flameway
