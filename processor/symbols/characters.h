// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace flameway {

// Classes of ASCII characters, independent of the locale; bytes of other characters are in none.
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsAlnum(char c) { return IsDigit(c) || IsLower(c) || IsUpper(c); }
constexpr bool IsLowerHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
constexpr bool IsHex(char c) { return IsLowerHex(c) || (c >= 'A' && c <= 'F'); }
// What an identifier is made of, every byte of a character outside ASCII included.
constexpr bool IsIdentifier(char c) {
  return IsAlnum(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// Length of the run of characters in `text` from `from` on that are in a class.
template <class Class>
constexpr size_t RunLength(std::string_view text, size_t from, Class is_in_class) {
  size_t i = from;
  while (i < text.size() && is_in_class(text[i])) ++i;
  return i - from;
}

// The number of bytes of a text cut to at most `max_bytes` without splitting a UTF-8 character. A
// text that is not UTF-8 there is cut at most three bytes earlier.
constexpr size_t CutLength(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text.size();
  size_t cut = max_bytes;
  for (int step = 0; step < 3 && cut > 0; ++step, --cut) {
    if ((static_cast<unsigned char>(text[cut]) & 0xC0) != 0x80) return cut;
  }
  return (static_cast<unsigned char>(text[cut]) & 0xC0) != 0x80 ? cut : max_bytes;
}

// What follows the last '/' or '\'.
constexpr std::string_view Basename(std::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace flameway
