// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tests/support/schema.h"

namespace flameway {

// Where a profile stands in its request.
struct ProfilePlace {
  int resource = 0;
  int scope = 0;
  int profile = 0;
  friend bool operator==(const ProfilePlace&, const ProfilePlace&) = default;
};

// What a sound request means under the default limits, worked out slowly on libprotobuf's reading
// of it; shares no code with the decoder.
struct RequestMeaning {
  explicit RequestMeaning(const schema::ExportProfilesServiceRequest& request);

  int profiles = 0;
  // By the rules of reach (V20 to V31, V40, V41, V53, V57): what a profile refers to, directly or
  // through other rows, is not there or cannot be used, or it contradicts itself.
  std::vector<ProfilePlace> refused;
  // The request without those, and after the repairs that change what libprotobuf reads: V38, a
  // link whose ids have other lengths is no link; V43, of a resource's or scope's attributes those
  // without a key are left out, and all but the first of each key.
  schema::ExportProfilesServiceRequest accepted;
};

}  // namespace flameway
