// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// An ExportProfilesServiceResponse: what a destination did not take of a request it accepted. {0,
// ""} is full success.
struct ExportResponse {
  int64_t rejected_profiles = 0;  // never negative
  std::string error_message;      // may come with 0 rejected: a warning
};

// nullopt when `bytes` are no such message.
[[nodiscard]] std::optional<ExportResponse> ParseExportResponse(std::string_view bytes);

}  // namespace flameway
