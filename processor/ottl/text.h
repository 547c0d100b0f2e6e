// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace flameway::ottl {

// Joins texts and integers. Stands in for absl's, which on Debian does not know std::string_view.
template <typename Part>
void AppendText(std::string& out, const Part& part) {
  if constexpr (std::integral<Part>) {
    out += std::to_string(part);
  } else if constexpr (std::convertible_to<const Part&, std::string_view>) {
    out += std::string_view(part);
  } else {
    out.append(part.data(), part.size());
  }
}

template <typename... Parts>
void AppendTexts(std::string& out, const Parts&... parts) {
  (AppendText(out, parts), ...);
}

template <typename... Parts>
[[nodiscard]] std::string Text(const Parts&... parts) {
  std::string out;
  AppendTexts(out, parts...);
  return out;
}

// What of `text` is not printable ASCII, as C escapes; at most `max_bytes` of it.
[[nodiscard]] std::string Printable(std::string_view text, size_t max_bytes = 40);

[[nodiscard]] std::string HexText(std::string_view bytes);     // lower case
[[nodiscard]] std::string Base64Text(std::string_view bytes);  // padded
// `digits` is an even number of hex digits.
[[nodiscard]] std::string BytesFromHex(std::string_view digits);

[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);  // of ASCII letters

}  // namespace flameway::ottl
