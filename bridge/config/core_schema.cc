// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/core_schema.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "fmt/format.h"

namespace flameway {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t DigitCount(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && IsDigit(text[n])) ++n;
  return n;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool IsCoreNumber(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const size_t whole = DigitCount(text);
  text.remove_prefix(whole);
  size_t fraction = 0;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    fraction = DigitCount(text);
    text.remove_prefix(fraction);
  }
  if (whole == 0 && fraction == 0) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && DigitCount(text) == text.size();
}

struct Radix {
  std::string_view digits;
  int base;
  bool negative;
};

std::optional<Radix> SplitRadix(std::string_view text) {
  if (text.starts_with("0o")) return Radix{text.substr(2), 8, false};
  if (text.starts_with("0x")) return Radix{text.substr(2), 16, false};
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || DigitCount(text) != text.size()) return std::nullopt;
  return Radix{text, 10, negative};
}

bool IsCoreInt(std::string_view text) {
  const std::optional<Radix> radix = SplitRadix(text);
  if (!radix || radix->digits.empty()) return false;
  for (const char c : radix->digits) {
    const bool hex = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (radix->base == 8 ? !(c >= '0' && c <= '7') : !(IsDigit(c) || (hex && radix->base == 16))) {
      return false;
    }
  }
  return true;
}

// Infinity and not-a-number.
std::optional<double> ParseNoNumber(std::string_view plain) {
  if (plain == ".nan" || plain == ".NaN" || plain == ".NAN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const bool negative = plain.starts_with('-');
  if (negative || plain.starts_with('+')) plain.remove_prefix(1);
  if (plain != ".inf" && plain != ".Inf" && plain != ".INF") return std::nullopt;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return negative ? -kInfinity : kInfinity;
}

bool IsNull(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array kDurationUnits = {
    // Longest first where one name starts another. Factors to milliseconds.
    Unit{"ns", 1e-6}, Unit{"us", 1e-3}, Unit{"\xC2\xB5s", 1e-3}, Unit{"\xCE\xBCs", 1e-3},
    Unit{"ms", 1.0},  Unit{"s", 1e3},   Unit{"m", 6e4},          Unit{"h", 3.6e6},
};

constexpr std::array kSizeUnits = {
    Unit{"KiB", 1024.0}, Unit{"MiB", 1048576.0}, Unit{"GiB", 1073741824.0},
    Unit{"kB", 1e3},     Unit{"KB", 1e3},        Unit{"MB", 1e6},
    Unit{"GB", 1e9},     Unit{"B", 1.0},         Unit{"", 1.0},
};

// A decimal number without sign or exponent at the start of `text`, removed from it.
std::optional<double> TakeDecimal(std::string_view& text) {
  size_t n = DigitCount(text);
  size_t digits = n;
  if (n < text.size() && text[n] == '.') {
    const size_t fraction = DigitCount(text.substr(n + 1));
    digits += fraction;
    n += 1 + fraction;
  }
  if (digits == 0 || digits > 18) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + n, value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(n);
  return value;
}

}  // namespace

std::optional<bool> ParseCoreBool(std::string_view plain) {
  if (plain == "true" || plain == "True" || plain == "TRUE") return true;
  if (plain == "false" || plain == "False" || plain == "FALSE") return false;
  return std::nullopt;
}

std::optional<int64_t> ParseCoreInt(std::string_view plain) {
  if (!IsCoreInt(plain)) return std::nullopt;
  const Radix radix = *SplitRadix(plain);
  uint64_t magnitude = 0;
  const char* end = radix.digits.data() + radix.digits.size();
  const auto [last, error] = std::from_chars(radix.digits.data(), end, magnitude, radix.base);
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (error != std::errc() || last != end || magnitude > kMax) return std::nullopt;
  const auto value = static_cast<int64_t>(magnitude);
  return radix.negative ? -value : value;
}

std::optional<double> ParseCoreFloat(std::string_view plain) {
  if (const std::optional<int64_t> whole = ParseCoreInt(plain)) return static_cast<double>(*whole);
  if (!IsCoreNumber(plain)) return ParseNoNumber(plain);
  if (plain[0] == '+') plain.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error != std::errc() || end != plain.data() + plain.size()) return std::nullopt;
  return value;
}

bool IsOtherNumber(std::string_view plain) {
  if (!plain.empty() && (plain[0] == '-' || plain[0] == '+')) {
    plain.remove_prefix(1);
    if (plain.starts_with("0x") || plain.starts_with("0o")) return IsCoreInt(plain);
  }
  if (plain.empty() || !IsDigit(plain[0])) return false;
  std::string joined(plain);
  std::erase(joined, '_');
  const std::string_view text = joined;
  if (text.size() != plain.size()) return IsCoreNumber(text) || IsCoreInt(text);
  if (text.size() > 1 && text[0] == '0' && DigitCount(text) == text.size()) return true;
  if (text.starts_with("0b") || text.starts_with("0B")) {
    return text.size() > 2 && text.find_first_not_of("01", 2) == text.npos;
  }
  if (text.starts_with("0X")) return IsCoreInt("0x" + joined.substr(2));
  return text.starts_with("0O") && IsCoreInt("0o" + joined.substr(2));
}

CoreType ClassifyPlain(std::string_view plain) {
  if (IsNull(plain)) return CoreType::kNull;
  if (ParseCoreBool(plain)) return CoreType::kBool;
  if (IsCoreInt(plain)) return CoreType::kInt;
  if (IsCoreNumber(plain)) return CoreType::kFloat;
  if (ParseNoNumber(plain)) return CoreType::kFloat;
  return CoreType::kText;
}

namespace {

// In milliseconds.
std::optional<double> ReadDuration(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const std::optional<double> number = TakeDecimal(text);
    if (!number) return std::nullopt;
    const Unit* unit = nullptr;
    for (const Unit& candidate : kDurationUnits) {
      if (!text.starts_with(candidate.name)) continue;
      unit = &candidate;
      break;
    }
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total += *number * unit->factor;
  }
  constexpr double kMaxMilliseconds = 9.2e12;  // Go's limit of about 292 years
  if (!(total < kMaxMilliseconds)) return std::nullopt;
  return total;
}

}  // namespace

std::optional<DurationText> ParseDuration(std::string_view text) {
  const std::optional<double> read = ReadDuration(text);
  if (!read) return std::nullopt;
  const double total = *read;
  const double nearest = std::round(total);
  if (std::fabs(total - nearest) < 1e-7) {
    return DurationText{std::chrono::milliseconds(static_cast<int64_t>(nearest)), false};
  }
  return DurationText{std::chrono::milliseconds(static_cast<int64_t>(std::ceil(total))), true};
}

std::optional<std::chrono::nanoseconds> ParseFineDuration(std::string_view text) {
  const std::optional<double> read = ReadDuration(text);
  if (!read) return std::nullopt;
  return std::chrono::nanoseconds(std::llround(*read * 1e6));
}

std::string FormatDuration(std::chrono::milliseconds value) {
  const int64_t ms = value.count();
  if (ms == 0) return "0s";
  if (ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
  if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
  if (ms % 1'000 == 0) return fmt::format("{}s", ms / 1'000);
  return fmt::format("{}ms", ms);
}

std::string FormatFineDuration(std::chrono::nanoseconds value) {
  const int64_t ns = value.count();
  if (ns % 1'000'000 == 0) return FormatDuration(std::chrono::milliseconds(ns / 1'000'000));
  if (ns % 1'000 == 0) return fmt::format("{}us", ns / 1'000);
  return fmt::format("{}ns", ns);
}

std::optional<uint64_t> ParseByteSize(std::string_view text) {
  const std::optional<double> number = TakeDecimal(text);
  if (!number) return std::nullopt;
  while (!text.empty() && text[0] == ' ') text.remove_prefix(1);
  for (const Unit& unit : kSizeUnits) {
    if (text != unit.name) continue;
    const double bytes = *number * unit.factor;
    constexpr double kMaxBytes = 9e15;  // where a double still counts single bytes
    if (!(bytes <= kMaxBytes) || bytes != std::floor(bytes)) return std::nullopt;
    return static_cast<uint64_t>(bytes);
  }
  return std::nullopt;
}

std::string FormatByteSize(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit < 3) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", bytes, kUnits[unit]);
}

}  // namespace flameway
