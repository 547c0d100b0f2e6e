// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/number_text.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "absl/strings/ascii.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

bool IsDigit(char c, bool hexadecimal) {
  const auto byte = static_cast<unsigned char>(c);
  return hexadecimal ? absl::ascii_isxdigit(byte) : absl::ascii_isdigit(byte);
}

// Removes underscores between digits; false when one is elsewhere. `digits` has no sign, no prefix;
// after a prefix one may also come first.
bool DropUnderscores(std::string_view digits, bool hexadecimal, std::string& out) {
  for (size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] != '_') {
      out += digits[i];
      continue;
    }
    const bool after_digit = i == 0 ? hexadecimal : IsDigit(digits[i - 1], hexadecimal);
    const bool before_digit = i + 1 < digits.size() && IsDigit(digits[i + 1], hexadecimal);
    if (!after_digit || !before_digit) return false;
  }
  return true;
}

}  // namespace

std::string ShortestDouble(double value) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return {buffer, result.ptr};
}

std::string JsonDouble(double value, ExponentForm form) {
  char buffer[400];
  const double size = std::fabs(value);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
  const auto result =
      std::to_chars(buffer, buffer + sizeof(buffer), value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer, result.ptr);
  if (!plain && form == ExponentForm::kShort && text.size() >= 4 &&
      text.compare(text.size() - 4, 3, "e-0") == 0) {
    text.erase(text.size() - 2, 1);
  }
  return text;
}

bool ParseInt(std::string_view text, int64_t& value) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end;
}

bool ParseDouble(std::string_view text, double& value) {
  bool negative = false;
  bool is_signed = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    is_signed = true;
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (EqualsIgnoringCase(text, "inf") || EqualsIgnoringCase(text, "infinity")) {
    value = std::numeric_limits<double>::infinity() * (negative ? -1 : 1);
    return true;
  }
  if (EqualsIgnoringCase(text, "nan") && !is_signed) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::string digits;
  if (!DropUnderscores(text, hexadecimal, digits)) return false;
  const size_t exponent = digits.find_first_of(hexadecimal ? "pP" : "eE");
  if (hexadecimal && exponent == std::string::npos) return false;
  // from_chars would take a sign, "inf" and "nan" as well.
  if (digits.empty() || !(IsDigit(digits[0], hexadecimal) || digits[0] == '.')) return false;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(
      digits.data(), end, value, hexadecimal ? std::chars_format::hex : std::chars_format::general);
  if (result.ptr != end) return false;
  if (result.ec == std::errc::result_out_of_range) {
    if (exponent == std::string::npos || digits[exponent + 1] != '-') return false;
    value = 0;
  } else if (result.ec != std::errc()) {
    return false;
  }
  if (negative) value = -value;
  return true;
}

int64_t TruncateToInt(double value) {
  constexpr double kLimit = 9223372036854775808.0;
  if (!(value > -kLimit && value < kLimit)) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

}  // namespace flameway::ottl
