// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flameway::ottl {

// Resolves the escapes of a string token, quotes included: those of Go's strings, where \xNN and
// \NNN (octal) name a code point, not a byte. True on success; else `bad_offset` is the byte of
// `token` where the escape that means nothing begins.
[[nodiscard]] bool Unquote(std::string_view token, std::string& out, size_t& bad_offset);

// The reverse: quotes, and every byte that could be misread, escaped.
[[nodiscard]] std::string Quote(std::string_view text);

// One code point in UTF-8; what is none (a surrogate, too large) as U+FFFD.
void AppendUtf8(char32_t code_point, std::string& out);

// The code point at the start of `text`, which is not empty, and its bytes. A broken byte is U+FFFD
// of length 1.
struct CodePoint {
  char32_t value;
  size_t size;
};
[[nodiscard]] CodePoint FirstCodePoint(std::string_view text);

}  // namespace flameway::ottl
