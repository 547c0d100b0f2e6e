// SPDX-License-Identifier: Apache-2.0
// What the configuration says about each processor that transforms rows. Texts, not yet looked at:
// TransformRecipe compiles them and finds what is wrong with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "processor/attributes/redaction.h"
#include "processor/ottl/path.h"
#include "processor/ottl/program.h"
#include "processor/symbols/frame_filter.h"
#include "processor/symbols/symbol_options.h"
#include "processor/transform/attribute_steps.h"
#include "processor/transform/reduce.h"
#include "processor/transform/symbols.h"

namespace flameway {

// A value written in the configuration; the first: none.
using ConfiguredValue = std::variant<std::monostate, bool, int64_t, double, std::string>;

// `attributes`, and `resource`, whose owner is always the resource.
struct AttributesOptions {
  struct Action {
    std::string action;
    std::string key;
    ConfiguredValue value;
    ConfiguredValue default_value;
    std::string pattern;
    std::string from_attribute;
    std::string from_context;
    std::string converted_type;
  };
  struct Match {
    struct Attribute {
      std::string key;
      ConfiguredValue value;  // none: whatever value
    };
    struct Library {
      std::string name;
      std::optional<std::string> version;
    };
    std::string match_type;
    std::vector<std::string> services;
    std::vector<Attribute> resources;
    std::vector<Attribute> attributes;
    std::vector<Library> libraries;
  };
  AttributeOwner owner = AttributeOwner::kSample;
  std::optional<Match> include;
  std::optional<Match> exclude;
  std::vector<Action> actions;
};

// `filter`: conditions that stand together. Without a context each is of the innermost one that it
// names.
struct ConditionGroup {
  std::optional<ottl::Context> context;
  std::optional<ottl::ErrorMode> error_mode;  // nothing: the processor's
  std::vector<std::string> conditions;
};
struct FilterOptions {
  ottl::ErrorMode error_mode = ottl::ErrorMode::kIgnore;
  std::vector<ConditionGroup> groups;
};

// `transform`: without a context and without conditions, each statement is of the innermost context
// that it names; with conditions, the group is of the innermost that any of its texts names.
struct StatementGroup {
  std::optional<ottl::Context> context;
  std::optional<ottl::ErrorMode> error_mode;
  std::vector<std::string> conditions;
  std::vector<std::string> statements;
};
struct StatementsOptions {
  ottl::ErrorMode error_mode = ottl::ErrorMode::kIgnore;
  std::vector<StatementGroup> groups;
};

// `symbols`.
struct SymbolsOptions {
  SymbolOptions rules;
  FrameFilterOptions frames;  // but for its `rules`, which follow those above
  NormalizeSymbolsOptions normalize;
};

using TransformOptions =
    std::variant<AttributesOptions, attributes::RedactionOptions, FilterOptions, StatementsOptions,
                 ReduceOptions, SymbolsOptions>;

}  // namespace flameway
