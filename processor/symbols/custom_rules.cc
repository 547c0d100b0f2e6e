// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/custom_rules.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace flameway {
namespace {

// For the automaton of all patterns; a text that needs more is matched pattern by pattern.
constexpr int64_t kMaxAutomatonBytes = 64 << 20;

RE2::Options PatternOptions() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxAutomatonBytes);
  return options;
}

absl::Status Mistake(size_t index, const CustomRule& rule, std::string_view what) {
  std::string message = "rules[" + std::to_string(index) + "] (";
  message += rule.name.empty() ? "unnamed" : rule.name;
  message += "): ";
  message += what;
  return absl::InvalidArgumentError(message);
}

}  // namespace

struct CustomRules::Compiled {
  struct Rule {
    std::unique_ptr<const RE2> pattern;
    std::string replacement;
    FrameTypes gate;
  };

  Compiled() : set(PatternOptions(), RE2::UNANCHORED) {}

  RE2::Set set;
  std::vector<Rule> rules;  // by their index in the set
};

CustomRules::CustomRules(std::unique_ptr<const Compiled> compiled)
    : compiled_(std::move(compiled)) {}
CustomRules::CustomRules(CustomRules&&) noexcept = default;
CustomRules& CustomRules::operator=(CustomRules&&) noexcept = default;
CustomRules::~CustomRules() = default;

absl::StatusOr<CustomRules> CustomRules::Create(std::span<const CustomRule> rules,
                                                CustomTarget target) {
  auto compiled = std::make_unique<Compiled>();
  for (size_t i = 0; i < rules.size(); ++i) {
    const CustomRule& rule = rules[i];
    if (rule.target != target) continue;
    if (rule.pattern.empty()) return Mistake(i, rule, "pattern: a pattern is needed");
    auto pattern = std::make_unique<const RE2>(rule.pattern, PatternOptions());
    if (!pattern->ok()) {
      return Mistake(i, rule,
                     "pattern: " + pattern->error() + " at `" + pattern->error_arg() + "`");
    }
    std::string error;
    if (!pattern->CheckRewriteString(rule.replacement, &error)) {
      return Mistake(i, rule, "replacement: " + error);
    }
    if (compiled->set.Add(rule.pattern, &error) < 0) {
      return Mistake(i, rule, "pattern: " + error);
    }
    compiled->rules.push_back({std::move(pattern), rule.replacement, rule.gate});
  }
  if (compiled->rules.empty()) return CustomRules(nullptr);
  if (!compiled->set.Compile()) {
    return absl::InvalidArgumentError("rules: the patterns are too large together");
  }
  return CustomRules(std::move(compiled));
}

void CustomRules::Apply(FrameType type, SymbolText& text) const {
  if (compiled_ == nullptr) return;
  const std::string_view view = text.view();
  std::vector<int> matches;
  RE2::Set::ErrorInfo error{};
  if (!compiled_->set.Match(re2::StringPiece(view.data(), view.size()), &matches, &error)) {
    if (error.kind == RE2::Set::kNoError) return;
    for (size_t i = 0; i < compiled_->rules.size(); ++i) matches.push_back(static_cast<int>(i));
  }
  std::sort(matches.begin(), matches.end());
  std::string rewritten;
  bool is_copied = false;
  for (const int match : matches) {
    const Compiled::Rule& rule = compiled_->rules[static_cast<size_t>(match)];
    if (!rule.gate.Has(type)) continue;
    if (!is_copied) rewritten = view;
    is_copied = true;
    RE2::GlobalReplace(&rewritten, *rule.pattern, rule.replacement);
  }
  if (is_copied) text.Replace(std::move(rewritten));
}

}  // namespace flameway
