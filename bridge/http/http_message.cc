// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/http_message.h"

#include <algorithm>

namespace flameway {
namespace {

// ASCII only: header names and tokens have no other letters, and the locale must not matter.
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view HttpRequest::Path() const {
  const std::string_view whole = target;
  return whole.substr(0, whole.find('?'));
}

std::string HttpRequest::Header(std::string_view name) const {
  std::string value;
  bool found = false;
  for (const auto& [line_name, line_value] : headers) {
    if (!EqualIgnoringCase(line_name, name)) continue;
    if (found) value += ", ";
    value += line_value;
    found = true;
  }
  return value;
}

}  // namespace flameway
