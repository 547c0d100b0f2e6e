// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/parse_error.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

// Names longer than this are not compared: the cost is the product of the lengths.
constexpr size_t kLongestName = 80;

// Twice the Levenshtein distance, a difference in case alone being half an edit.
size_t DoubleDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = 2 * j;
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = 2 * (i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      size_t change = 2;
      if (a[i] == b[j]) {
        change = 0;
      } else if (absl::ascii_tolower(static_cast<unsigned char>(a[i])) ==
                 absl::ascii_tolower(static_cast<unsigned char>(b[j]))) {
        change = 1;
      }
      const size_t best = std::min({diagonal + change, row[j] + 2, row[j + 1] + 2});
      diagonal = std::exchange(row[j + 1], best);
    }
  }
  return row[b.size()];
}

}  // namespace

ParseError ErrorAt(std::string_view text, size_t offset, std::string message) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.offset = offset,
          .line = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          .column = static_cast<uint32_t>(offset - line_start) + 1,
          .message = std::move(message)};
}

std::string Describe(const ParseError& error) {
  return Text("line ", error.line, ", column ", error.column, ": ", error.message);
}

std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.size() > kLongestName) return {};
  std::string_view nearest;
  size_t best = 2 * std::max<size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const size_t distance = DoubleDistance(name, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string DidYouMean(std::string_view nearest) {
  return nearest.empty() ? std::string() : Text("; did you mean \"", nearest, "\"?");
}

}  // namespace flameway::ottl
