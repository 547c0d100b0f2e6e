// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flameway {

// Header lines in the order they came; a name may repeat.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  // as sent: methods are case-sensitive
  std::string target;  // as sent, with its query
  HttpHeaders headers;
  std::string body;         // chunks joined; still in its content coding; empty at the gate
  std::string peer;         // "192.0.2.1:40000"
  uint64_t connection = 0;  // equal for requests of one connection, never reused by a server

  // The target without its query.
  [[nodiscard]] std::string_view Path() const;

  // The value of a header, its name in any case; repeated lines are joined by ", " as lists are.
  // Empty when absent.
  [[nodiscard]] std::string Header(std::string_view name) const;
};

// Content-Length, Connection and Date are the server's to write.
struct HttpResponse {
  unsigned status = 200;
  std::string content_type;  // empty: no such line
  HttpHeaders headers;       // trusted: not checked for line breaks
  std::string body;
};

// "Content-Type" and the like differ in case only.
[[nodiscard]] bool EqualIgnoringCase(std::string_view a, std::string_view b);

}  // namespace flameway
