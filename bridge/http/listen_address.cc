// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/listen_address.h"

#include <charconv>
#include <cstdint>

#include "absl/status/status.h"

namespace flameway {
namespace {

absl::Status Malformed(std::string_view endpoint, std::string_view what) {
  std::string text = "endpoint \"";
  text.append(endpoint).append("\": ").append(what).append("; write host:port or [ipv6]:port");
  return absl::InvalidArgumentError(text);
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view endpoint) {
  const size_t colon = endpoint.rfind(':');
  if (colon == std::string_view::npos) return Malformed(endpoint, "no port");
  std::string_view host = endpoint.substr(0, colon);
  const std::string_view port = endpoint.substr(colon + 1);
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size()) {
    return Malformed(endpoint, "the port is not a number up to 65535");
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 3) return Malformed(endpoint, "unclosed bracket");
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Malformed(endpoint, "an IPv6 address without brackets");
  }
  return ListenAddress{std::string(host), std::string(port)};
}

}  // namespace flameway
