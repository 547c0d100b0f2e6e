// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// The types of YAML 1.2's core schema. `no`, `on`, `0777` as octal, sexagesimal and dates are
// YAML 1.1 and are text (or a decimal number) here.
enum class CoreType : uint8_t { kNull, kBool, kInt, kFloat, kText };

[[nodiscard]] CoreType ClassifyPlain(std::string_view plain);
[[nodiscard]] std::optional<bool> ParseCoreBool(std::string_view plain);
// Decimal, 0o octal, 0x hexadecimal. nullopt also when the number does not fit.
[[nodiscard]] std::optional<int64_t> ParseCoreInt(std::string_view plain);
[[nodiscard]] std::optional<double> ParseCoreFloat(std::string_view plain);

// Whether YAML 1.1, or the Collector's reader, sees a number where the core schema sees another one
// or text: 012, 1_000, 0b11, -0x10.
[[nodiscard]] bool IsOtherNumber(std::string_view plain);

// Go's duration text: "300ms", "1.5h", "1h30m", "0". Finer than a millisecond is rounded up and
// said so.
struct DurationText {
  std::chrono::milliseconds value{0};
  bool rounded = false;
};
[[nodiscard]] std::optional<DurationText> ParseDuration(std::string_view text);
[[nodiscard]] std::string FormatDuration(std::chrono::milliseconds value);
// The same text to the nanosecond, rounded.
[[nodiscard]] std::optional<std::chrono::nanoseconds> ParseFineDuration(std::string_view text);
[[nodiscard]] std::string FormatFineDuration(std::chrono::nanoseconds value);

// "67108864", "64MiB", "1.5 GiB", "10MB": binary units with an i, decimal ones without. Whole bytes
// only.
[[nodiscard]] std::optional<uint64_t> ParseByteSize(std::string_view text);
// The largest binary unit that divides evenly: "64MiB", "1000" for bytes.
[[nodiscard]] std::string FormatByteSize(uint64_t bytes);

}  // namespace flameway
