// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "processor/attributes/option_error.h"
#include "processor/ottl/pattern.h"
#include "processor/ottl/value.h"

namespace flameway::attributes {

// One entry of the Collector's `actions` (processor attributes) or `attributes` (processor
// resource). A nil value is one that is not given.
struct ActionOptions {
  std::string action;  // insert update upsert delete hash extract convert, in any case
  std::string key;
  ottl::Value value;
  ottl::Value default_value;
  std::string pattern;
  std::string from_attribute;
  std::string from_context;  // refused
  std::string converted_type;
};

// Changes the attributes of one row as the Collector's processors do. Immutable once made, any
// thread; called once for each distinct row.
class Actions {
 public:
  // Every mistake of every entry, or none. Values are copied.
  [[nodiscard]] static std::variant<Actions, OptionErrors> Create(
      std::span<const ActionOptions> options);

  // Carries the actions out in order. What they write views the list, this object or `arena`.
  void Apply(std::vector<ottl::Entry>& attributes, ottl::Arena& arena) const;

 private:
  enum class Verb : uint8_t { kInsert, kUpdate, kUpsert, kDelete, kHash, kExtract, kConvert };
  enum class Target : uint8_t { kInt, kDouble, kString };
  struct Action {
    Verb verb;
    std::string key;
    std::string from_attribute;
    ottl::Value value;
    ottl::Value default_value;
    std::optional<ottl::Pattern> pattern;
    Target target = Target::kString;
  };
  class Checker;

  static const ottl::Value* Source(const Action& action, std::span<const ottl::Entry> attributes);

  std::unique_ptr<ottl::Arena> values_ = std::make_unique<ottl::Arena>();
  std::vector<Action> actions_;
};

}  // namespace flameway::attributes
