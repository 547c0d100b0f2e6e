// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/endpoint.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace flameway {
namespace {

absl::Status Bad(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError("endpoint \"" + std::string(text) + "\": " + std::string(why));
}

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  const bool matches =
      text->size() >= prefix.size() &&
      std::equal(prefix.begin(), prefix.end(), text->begin(), [](char want, char got) {
        return want == (got >= 'A' && got <= 'Z' ? static_cast<char>(got - 'A' + 'a') : got);
      });
  if (matches) text->remove_prefix(prefix.size());
  return matches;
}

bool IsPort(std::string_view text) {
  uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

// "[::1]:4317", "host:4317", and where a default exists "host". A bare IPv6 address is ambiguous.
absl::Status ParseAuthority(std::string_view whole, std::string_view authority,
                            std::string_view default_port, Endpoint* endpoint) {
  std::string_view host = authority;
  std::string_view port = default_port;
  if (!authority.empty() && authority.front() == '[') {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return Bad(whole, "a '[' without its ']'");
    host = authority.substr(1, close - 1);
    const std::string_view rest = authority.substr(close + 1);
    if (!rest.empty()) {
      if (rest.front() != ':') return Bad(whole, "expected ':' and a port after ']'");
      port = rest.substr(1);
    }
  } else if (const size_t colon = authority.rfind(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    if (host.find(':') != std::string_view::npos) {
      return Bad(whole, "an IPv6 address needs brackets: [address]:port");
    }
  }
  if (host.empty()) return Bad(whole, "the host is missing");
  if (host.find_first_of("/?#@ ") != std::string_view::npos) {
    return Bad(whole, "expected host:port and nothing else");
  }
  if (port.empty()) return Bad(whole, "the port is missing; write host:port");
  if (!IsPort(port)) return Bad(whole, "the port must be a number from 1 to 65535");
  endpoint->host = std::string(host);
  endpoint->port = std::string(port);
  return absl::OkStatus();
}

}  // namespace

std::string Endpoint::Authority() const {
  if (family == Family::kUnix) return "localhost";
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + port;
}

std::string Endpoint::Text() const {
  return family == Family::kUnix ? "unix:" + path : Authority();
}

absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text) {
  Endpoint endpoint;
  std::string_view rest = text;
  if (TakePrefix("unix:", &rest)) {
    TakePrefix("//", &rest);  // unix:///path has an empty authority, unix:path none at all
    if (rest.empty()) return Bad(text, "the path of the Unix socket is missing");
    // sockaddr_un holds 108 bytes with the terminator.
    if (rest.size() > 107) return Bad(text, "the path of a Unix socket is at most 107 bytes long");
    endpoint.family = Endpoint::Family::kUnix;
    endpoint.path = std::string(rest);
    return endpoint;
  }
  std::string_view default_port;
  if (TakePrefix("https://", &rest)) {
    endpoint.security = Endpoint::Security::kTls;
    default_port = "443";
  } else if (TakePrefix("http://", &rest)) {
    endpoint.security = Endpoint::Security::kClearText;
    default_port = "80";
  } else if (TakePrefix("dns:///", &rest)) {
    default_port = "443";  // as gRPC's own resolver
  } else if (rest.find("://") != std::string_view::npos) {
    return Bad(text, "the scheme is none of http, https, dns:///, unix");
  }
  if (!default_port.empty() && !rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  if (absl::Status status = ParseAuthority(text, rest, default_port, &endpoint); !status.ok()) {
    return status;
  }
  return endpoint;
}

}  // namespace flameway
