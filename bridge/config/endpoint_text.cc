// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/endpoint_text.h"

#include <charconv>

namespace flameway {
namespace {

bool IsHost(std::string_view host) {
  return host.find_first_of(" \t\r\n/@?#\"'\\<>") == std::string_view::npos;
}

bool IsAnyHost(std::string_view host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

// host[:port] or [v6][:port]
bool ParseAuthority(std::string_view text, EndpointText& out) {
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    out.host = std::string(text.substr(1, end - 1));
    text.remove_prefix(end + 1);
    if (text.empty()) return IsHost(out.host);
    if (text[0] != ':') return false;
    port = text.substr(1);
  } else {
    const size_t colon = text.rfind(':');
    out.host = std::string(text.substr(0, colon));
    if (out.host.find(':') != std::string::npos) return false;  // IPv6 needs brackets
    if (colon == std::string_view::npos) return IsHost(out.host) && !out.host.empty();
    port = text.substr(colon + 1);
  }
  const char* end = port.data() + port.size();
  const auto [last, error] = std::from_chars(port.data(), end, out.port);
  out.has_port = error == std::errc() && last == end && !port.empty();
  return out.has_port && IsHost(out.host);
}

}  // namespace

std::optional<EndpointText> SplitEndpoint(std::string_view text) {
  EndpointText out;
  if (text.starts_with("unix:")) {
    out.scheme = "unix";
    text.remove_prefix(5);
    if (text.starts_with("//")) text.remove_prefix(2);
    out.path = std::string(text);
    if (out.path.empty()) return std::nullopt;
    return out;
  }
  const size_t mark = text.find("://");
  if (mark != std::string_view::npos) {
    out.scheme = std::string(text.substr(0, mark));
    text.remove_prefix(mark + 3);
    if (out.scheme != "http" && out.scheme != "https" && out.scheme != "dns") return std::nullopt;
    // dns://resolver/host: only the empty resolver, the system's, is known.
    if (out.scheme == "dns") {
      if (!text.starts_with('/')) return std::nullopt;
      text.remove_prefix(1);
    }
    const size_t slash = text.find_first_of("/?");
    if (slash != std::string_view::npos) {
      out.path = std::string(text.substr(slash));
      text = text.substr(0, slash);
    }
  }
  if (!ParseAuthority(text, out)) return std::nullopt;
  if (!out.scheme.empty() && out.host.empty()) return std::nullopt;
  return out;
}

bool SameListener(const EndpointText& a, const EndpointText& b) {
  if (a.scheme == "unix" || b.scheme == "unix") return a.scheme == b.scheme && a.path == b.path;
  if (a.port != b.port || a.port == 0) return false;
  return a.host == b.host || IsAnyHost(a.host) || IsAnyHost(b.host) ||
         (IsLoopback(a.host) && IsLoopback(b.host));
}

}  // namespace flameway
