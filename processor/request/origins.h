// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "processor/request/decoder.h"

namespace flameway {

// Decodes who produced the profiles: resources and scopes, with their attributes resolved to inline
// form. Adds one entry to columns.profiles and one message to `profile_messages` for each profile,
// carrying the reason if its resource or scope cannot be used. The profiles themselves are not
// looked at.
bool DecodeOrigins(Decoder& decoder, const std::vector<std::string_view>& resource_profiles,
                   std::vector<std::string_view>& profile_messages);

}  // namespace flameway
