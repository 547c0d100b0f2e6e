// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flameway {

// One POST. All views must outlive the call. The body is prefix + payload, two pieces so that the
// payload of a frame is sent from where it lies.
struct H2Request {
  std::string_view scheme = "http";
  std::string_view authority;
  std::string_view path;
  std::vector<std::pair<std::string_view, std::string_view>> headers;  // names in lower case
  std::string_view prefix;
  std::string_view payload;
};

// What came of it.
struct H2Reply {
  enum class End : uint8_t {
    kComplete,     // the peer ended its side of the stream: status, headers and body are there
    kUnconnected,  // no connection: name, route, TLS
    kTimedOut,     // the deadline passed
    kCancelled,    // by our own side
    kClosed,       // the connection ended before the answer did
    kRefused,      // the peer says it has not begun with the request (REFUSED_STREAM, GOAWAY)
    kReset,        // the peer gave the stream up
    kTooLarge,     // more headers or body than we take
    kProtocol,     // the peer does not speak HTTP/2
  };
  End end = End::kClosed;
  std::string error;  // for all but kComplete
  int http_status = 0;
  // Headers, then trailers, as they came.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The last header of that name: a trailer wins.
  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const {
    for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
      if (header->first == name) return header->second;
    }
    return std::nullopt;
  }
};

}  // namespace flameway
