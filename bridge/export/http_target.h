// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace flameway {

// A URL to post to, as libcurl wants it.
struct HttpTarget {
  std::string url;
  bool uses_tls = false;
  bool is_loopback = false;
  // When a name other than the URL's host is to be verified, the URL carries that name and these
  // two undo it: where to connect ("name:port:host:port", CURLOPT_CONNECT_TO) and the Host header.
  // Empty otherwise.
  std::string connect_to;
  std::string host_header;
};

// Refuses what is no absolute http or https URL. `server_name` may be empty; it has no effect on
// http.
[[nodiscard]] absl::StatusOr<HttpTarget> ParseHttpTarget(const std::string& url,
                                                         const std::string& server_name);

}  // namespace flameway
