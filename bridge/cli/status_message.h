// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace flameway {

// The text of a status. absl's own string_view is not std's here.
[[nodiscard]] inline std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// The same status, its text led by where it happened: "place: text".
[[nodiscard]] inline absl::Status StatusAt(std::string_view place, const absl::Status& status) {
  return absl::Status(status.code(), std::string(place).append(": ").append(MessageOf(status)));
}

}  // namespace flameway
