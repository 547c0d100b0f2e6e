// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace flameway {

// Where a destination listens, as configuration spells it.
struct Endpoint {
  enum class Family : uint8_t { kTcp, kUnix };
  // What the scheme says about TLS; kUnstated leaves it to the `tls` block.
  enum class Security : uint8_t { kUnstated, kClearText, kTls };

  Family family = Family::kTcp;
  Security security = Security::kUnstated;
  std::string host;  // TCP: name or address, IPv6 without brackets
  std::string port;  // TCP: decimal
  std::string path;  // Unix: file of the socket; a leading '@' means the abstract name space

  // host:port with brackets around IPv6, "localhost" for Unix sockets: the HTTP/2 authority.
  [[nodiscard]] std::string Authority() const;
  // For messages: Authority(), or the path of a Unix socket.
  [[nodiscard]] std::string Text() const;
};

// Reads host:port, http://host[:port], https://host[:port], dns:///host:port, unix:///path and
// unix:path. A path, query or user after an http(s) authority is refused but for a lone "/": gRPC
// has a path of its own.
[[nodiscard]] absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text);

}  // namespace flameway
