// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/http_target.h"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace flameway {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

std::string Part(const Url& url, CURLUPart part, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace

absl::StatusOr<HttpTarget> ParseHttpTarget(const std::string& url, const std::string& server_name) {
  const auto bad = [&](std::string_view why) {
    return absl::InvalidArgumentError("endpoint \"" + url + "\": " + std::string(why));
  };
  const Url parsed(curl_url());
  if (parsed == nullptr) return absl::ResourceExhaustedError("URL: out of memory");
  // Without CURLU_GUESS_SCHEME and CURLU_NON_SUPPORT_SCHEME a known scheme must stand there.
  if (const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
      code != CURLUE_OK) {
    return bad(curl_url_strerror(code));
  }
  const std::string scheme = Part(parsed, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return bad("the scheme must be http or https");
  const std::string host = Part(parsed, CURLUPART_HOST);
  if (host.empty()) return bad("the host is missing");

  HttpTarget target;
  target.uses_tls = scheme == "https";
  target.is_loopback = IsLoopback(host);
  if (target.uses_tls && !server_name.empty()) {
    const std::string port = Part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    const std::string written_port = Part(parsed, CURLUPART_PORT);
    target.connect_to = server_name + ":" + port + ":" + host + ":" + port;
    target.host_header = written_port.empty() ? host : host + ":" + written_port;
    if (curl_url_set(parsed.get(), CURLUPART_HOST, server_name.c_str(), 0) != CURLUE_OK) {
      return absl::InvalidArgumentError("server_name_override \"" + server_name +
                                        "\" is no host name");
    }
  }
  target.url = Part(parsed, CURLUPART_URL);
  return target;
}

}  // namespace flameway
