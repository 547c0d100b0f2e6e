// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/user_agent.h"

#include <string_view>

namespace flameway {

std::string_view UserAgent() { return "flameway/" FLAMEWAY_EXPORT_VERSION; }

}  // namespace flameway
