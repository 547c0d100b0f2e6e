// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flameway::ottl {

// The fewest digits that read back as the same double, in C's notation.
[[nodiscard]] std::string ShortestDouble(double value);

// Whether the exponent of small numbers keeps its leading zero: the Collector has both, "1e-07"
// where OTTL turns a value into text, "1e-7" where pdata does.
enum class ExponentForm : uint8_t { kTwoDigits, kShort };

// As JavaScript prints a number: plain digits from 1e-6 up to 1e21, else with an exponent. Finite
// only.
[[nodiscard]] std::string JsonDouble(double value, ExponentForm form);

// Decimal digits with an optional sign, nothing else, in 64 bits.
[[nodiscard]] bool ParseInt(std::string_view text, int64_t& value);

// What Go reads as a 64-bit float: decimal or hexadecimal with p exponent, underscores between
// digits, inf, infinity, nan in any case. Too large is false, too small is 0.
[[nodiscard]] bool ParseDouble(std::string_view text, double& value);

// Toward zero; what does not fit (and nan) is the smallest integer, as the Collector does on
// x86-64.
[[nodiscard]] int64_t TruncateToInt(double value);

}  // namespace flameway::ottl
