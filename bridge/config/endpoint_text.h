// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// The parts of an address as people write it.
struct EndpointText {
  std::string scheme;  // "http", "https", "dns", "unix" or "" for bare host:port
  std::string host;    // without brackets; empty: all interfaces
  uint16_t port = 0;
  bool has_port = false;
  std::string path;  // from the first slash after the authority; of unix: the socket's path
};

// Splits "host:port", "[::1]:4317", "scheme://host:port/path", "dns:///host:port", "unix:///path",
// "unix:path". nullopt when it is none of these or the port is no number of 16 bits.
[[nodiscard]] std::optional<EndpointText> SplitEndpoint(std::string_view text);

// Whether two listeners with these endpoints would want the same port. Port 0 clashes with nothing.
[[nodiscard]] bool SameListener(const EndpointText& a, const EndpointText& b);

}  // namespace flameway
