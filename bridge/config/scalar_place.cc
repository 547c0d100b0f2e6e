// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/scalar_place.h"

#include <string_view>

namespace flameway {
namespace {

std::string_view LineFrom(const Origin& origin, const std::vector<SourceText>& sources) {
  if (!origin.known() || static_cast<size_t>(origin.source) >= sources.size()) return {};
  std::string_view text = sources[static_cast<size_t>(origin.source)].text;
  for (int line = 1; line < origin.line; ++line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  const auto column = static_cast<size_t>(origin.column - 1);
  return column < text.size() ? text.substr(column) : std::string_view();
}

// How many written bytes stand for the first `length` bytes of `text`, after an opening `quote`
// (0: none); nullopt where what is written is not simply the text.
std::optional<size_t> WrittenBytes(std::string_view written, std::string_view text, size_t length,
                                   char quote) {
  size_t at = 0;
  for (size_t i = 0; i < length; ++i) {
    if (at >= written.size()) return std::nullopt;
    if (quote == '"' && written[at] == '\\') {
      ++at;
      // \n, \t, \x41 and the like: the text has another byte there, and the loop ends.
    } else if (quote == '\'' && written[at] == '\'') {
      ++at;
    } else if (written[at] == '$' && at + 1 < written.size() && written[at + 1] == '$') {
      ++at;  // the escape of a dollar sign
    }
    if (at >= written.size() || written[at] != text[i]) return std::nullopt;
    ++at;
  }
  return at;
}

}  // namespace

std::optional<Origin> PlaceInScalar(const ConfigNode& scalar, size_t offset,
                                    const std::vector<SourceText>& sources) {
  std::string_view written = LineFrom(scalar.origin, sources);
  if (written.empty() || offset > scalar.text.size()) return std::nullopt;
  const char quote = written[0] == '"' || written[0] == '\'' ? written[0] : '\0';
  if (quote != '\0') written.remove_prefix(1);
  const std::optional<size_t> bytes = WrittenBytes(written, scalar.text, offset, quote);
  if (!bytes.has_value()) return std::nullopt;
  Origin place = scalar.origin;
  place.column += static_cast<int>(*bytes) + (quote == '\0' ? 0 : 1);
  return place;
}

}  // namespace flameway
