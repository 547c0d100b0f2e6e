// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace flameway {

// Where a server listens, as configuration spells it: "host:port", "[::1]:port", ":port".
struct ListenAddress {
  std::string host;  // name or address, IPv6 without brackets; empty: every interface
  std::string port;  // decimal, 0..65535
};

[[nodiscard]] absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view endpoint);

}  // namespace flameway
