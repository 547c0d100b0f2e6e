// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/string_literal.h"

#include <cstdint>

#include "absl/strings/str_format.h"

namespace flameway::ottl {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kLastCodePoint = 0x10FFFF;

bool IsSurrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Exactly `count` digits at the start of `text`, or false.
bool Digits(std::string_view text, size_t count, int base, char32_t& value) {
  if (text.size() < count) return false;
  value = 0;
  for (const char c : text.substr(0, count)) {
    if (DigitValue(c) >= base) return false;
    value = value * static_cast<char32_t>(base) + static_cast<char32_t>(DigitValue(c));
  }
  return true;
}

// The escape after a backslash: its code point and length, 0 when it is none.
size_t Escape(std::string_view text, char32_t& value) {
  if (text.empty()) return 0;
  switch (text[0]) {
    case 'a':
      value = 7;
      return 1;
    case 'b':
      value = 8;
      return 1;
    case 'f':
      value = 12;
      return 1;
    case 'n':
      value = 10;
      return 1;
    case 'r':
      value = 13;
      return 1;
    case 't':
      value = 9;
      return 1;
    case 'v':
      value = 11;
      return 1;
    case '\\':
    case '"':
      value = static_cast<unsigned char>(text[0]);
      return 1;
    case 'x':
      return Digits(text.substr(1), 2, 16, value) ? 3 : 0;
    case 'u':
      return Digits(text.substr(1), 4, 16, value) && !IsSurrogate(value) ? 5 : 0;
    case 'U':
      return Digits(text.substr(1), 8, 16, value) && value <= kLastCodePoint && !IsSurrogate(value)
                 ? 9
                 : 0;
    default:
      return Digits(text, 3, 8, value) && value <= 255 ? 3 : 0;
  }
}

}  // namespace

void AppendUtf8(char32_t c, std::string& out) {
  if (c > kLastCodePoint || IsSurrogate(c)) c = kReplacement;
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += tail(6);
    out += tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += tail(12);
    out += tail(6);
    out += tail(0);
  }
}

CodePoint FirstCodePoint(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (size == 0 || lead > 0xF4 || text.size() < size) return {kReplacement, 1};
  char32_t value = lead & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {kReplacement, 1};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > kLastCodePoint || IsSurrogate(value)) {
    return {kReplacement, 1};
  }
  return {value, size};
}

bool Unquote(std::string_view token, std::string& out, size_t& bad_offset) {
  out.clear();
  const size_t end = token.size() - 1;
  for (size_t i = 1; i < end;) {
    if (token[i] != '\\') {
      const CodePoint c = FirstCodePoint(token.substr(i, end - i));
      AppendUtf8(c.value, out);
      i += c.size;
      continue;
    }
    char32_t value = 0;
    const size_t length = Escape(token.substr(i + 1, end - i - 1), value);
    if (length == 0) {
      bad_offset = i;
      return false;
    }
    AppendUtf8(value, out);
    i += 1 + length;
  }
  return true;
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const CodePoint c = FirstCodePoint(text);
    if (c.value == '"' || c.value == '\\') {
      out += '\\';
      out += text[0];
    } else if (c.value < 0x20 || c.value == 0x7F) {
      absl::StrAppendFormat(&out, "\\x%02x", static_cast<unsigned>(c.value));
    } else {
      AppendUtf8(c.value, out);
    }
    text.remove_prefix(c.size);
  }
  return out + '"';
}

}  // namespace flameway::ottl
