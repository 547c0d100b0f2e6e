// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flameway::ottl {

// Why a condition or statement is refused and where. `message` names what is wrong and, where one
// is near, the name that was probably meant.
struct ParseError {
  size_t statement = 0;  // which of the list, from 0
  size_t offset = 0;     // byte within its text
  uint32_t line = 1;     // within its text, from 1
  uint32_t column = 1;   // byte within the line, from 1
  std::string message;
};

using ParseErrors = std::vector<ParseError>;

// `text` is what `offset` counts in.
[[nodiscard]] ParseError ErrorAt(std::string_view text, size_t offset, std::string message);

// "line 1, column 5: unknown function \"Foo\"".
[[nodiscard]] std::string Describe(const ParseError& error);

// The candidate that needs the fewest single-letter edits, if at most a third of the name; else
// empty. Case counts half.
[[nodiscard]] std::string_view NearestName(std::string_view name,
                                           std::span<const std::string_view> candidates);

// "; did you mean \"x\"?", or nothing.
[[nodiscard]] std::string DidYouMean(std::string_view nearest);

}  // namespace flameway::ottl
