// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace flameway::ottl {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string Printable(std::string_view text, size_t max_bytes) {
  return absl::CHexEscape(View(text.substr(0, max_bytes)));
}

std::string HexText(std::string_view bytes) { return absl::BytesToHexString(View(bytes)); }
std::string Base64Text(std::string_view bytes) { return absl::Base64Escape(View(bytes)); }
std::string BytesFromHex(std::string_view digits) { return absl::HexStringToBytes(View(digits)); }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return absl::ascii_tolower(static_cast<unsigned char>(x)) ==
           absl::ascii_tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace flameway::ottl
