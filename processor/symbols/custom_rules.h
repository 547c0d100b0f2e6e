// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "processor/symbols/frame_type.h"
#include "processor/symbols/symbol_options.h"
#include "processor/symbols/symbol_text.h"

namespace flameway {

// The operator's rules for one kind of text, compiled into one RE2::Set: a text that no rule
// matches costs one pass over it, whatever their number. Immutable; any thread.
class CustomRules {
 public:
  // Takes those of `rules` that are for `target`. A bad pattern or replacement is an error that
  // names the rule, its place in the list and what is wrong.
  [[nodiscard]] static absl::StatusOr<CustomRules> Create(std::span<const CustomRule> rules,
                                                          CustomTarget target);
  CustomRules(CustomRules&&) noexcept;
  CustomRules& operator=(CustomRules&&) noexcept;
  ~CustomRules();

  // Applies those that match `text` and let `type` in, in the order they were configured; each
  // replaces all its matches. Whether a rule matches is asked before the first is applied.
  void Apply(FrameType type, SymbolText& text) const;

 private:
  struct Compiled;
  explicit CustomRules(std::unique_ptr<const Compiled> compiled);

  std::unique_ptr<const Compiled> compiled_;  // null without rules
};

}  // namespace flameway
