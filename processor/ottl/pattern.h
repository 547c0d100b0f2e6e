// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace re2 {
class RE2;
}

namespace flameway::ottl {

// A regular expression in the syntax Go and RE2 share: linear time, no back-references. Compiled
// once; matching is thread-safe and does not change it. Movable.
class Pattern {
 public:
  // InvalidArgument says what is wrong with it.
  [[nodiscard]] static absl::StatusOr<Pattern> Create(std::string_view expression);
  // What replace_match means by a pattern: * any text, ? any character, [abc] [!abc] [a-c], {a,b},
  // backslash before a literal; the whole text must match.
  [[nodiscard]] static absl::StatusOr<Pattern> CreateGlob(std::string_view glob);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  // Anywhere in the text, unless the expression is anchored.
  [[nodiscard]] bool Matches(std::string_view text) const;

  // Every match replaced by `replacement`, in which $1, ${1}, $name, ${name} are what a group
  // matched and $$ is a dollar; a group that is not there, or did not match, is nothing. A name is
  // as long as letters, digits and underscores go on: $1x is ${1x}.
  [[nodiscard]] std::string ReplaceAll(std::string_view text, std::string_view replacement) const;

  // The same with the text of each match handed to a function.
  [[nodiscard]] std::string ReplaceAll(
      std::string_view text, absl::FunctionRef<std::string(std::string_view match)> replace) const;

  // Group names by number, from 1; empty for a group without a name.
  [[nodiscard]] const std::vector<std::string>& group_names() const { return group_names_; }

  // What each group matched in the first match, from 1; a group that did not match is empty. False
  // when nothing matched.
  [[nodiscard]] bool Groups(std::string_view text, std::vector<std::string_view>& groups) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> expression);

  std::unique_ptr<re2::RE2> expression_;
  std::vector<std::string> group_names_;
};

// Whether a replacement reads the same here as in the Collector: after a bare $name no letter
// outside ASCII may follow, which Go would take as part of the name.
[[nodiscard]] absl::Status CheckReplacement(std::string_view replacement);

}  // namespace flameway::ottl
