// SPDX-License-Identifier: Apache-2.0
#include "processor/attributes/actions.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "processor/attributes/digest.h"
#include "processor/ottl/number_text.h"
#include "processor/ottl/parse_error.h"
#include "processor/ottl/text.h"
#include "processor/ottl/value_text.h"

namespace flameway::attributes {
namespace {

using ottl::Entry;
using ottl::Kind;
using ottl::Text;
using ottl::Value;

constexpr std::string_view kVerbs[] = {"insert", "update",  "upsert", "delete",
                                       "hash",   "extract", "convert"};

Value* Find(std::vector<Entry>& attributes, std::string_view key) {
  for (Entry& entry : attributes) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

void Put(std::vector<Entry>& attributes, std::string_view key, const Value& value) {
  if (Value* found = Find(attributes, key)) {
    *found = value;
  } else {
    attributes.push_back({key, value});
  }
}

// What the hash of a number is taken of: its eight bytes, least significant first.
std::string LittleEndian(uint64_t bits) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>((bits >> shift) & 0xFF);
  return bytes;
}

// SHA-256 in hex. What is no text, number or bool becomes an empty string.
Value Hashed(const Value& value, ottl::Arena& arena) {
  std::string bytes;
  switch (value.kind()) {
    case Kind::kString:
      bytes = value.text();
      break;
    case Kind::kBool:
      bytes = std::string(1, value.as_bool() ? '\1' : '\0');
      break;
    case Kind::kInt:
      bytes = LittleEndian(static_cast<uint64_t>(value.as_int()));
      break;
    case Kind::kDouble:
      bytes = LittleEndian(std::bit_cast<uint64_t>(value.as_double()));
      break;
    default:
      return Value::String("");
  }
  return Value::String(arena.Copy(HexDigest(Digest::kSha256, bytes).value_or("")));
}

// What cannot be read as a number stays as it is.
Value ToInt(const Value& value) {
  int64_t number = 0;
  switch (value.kind()) {
    case Kind::kDouble:
      return Value::Int(ottl::TruncateToInt(value.as_double()));
    case Kind::kBool:
      return Value::Int(value.as_bool() ? 1 : 0);
    case Kind::kString:
      return ottl::ParseInt(value.text(), number) ? Value::Int(number) : value;
    default:
      return value;
  }
}

Value ToDouble(const Value& value) {
  double number = 0;
  switch (value.kind()) {
    case Kind::kInt:
      return Value::Double(static_cast<double>(value.as_int()));
    case Kind::kBool:
      return Value::Double(value.as_bool() ? 1 : 0);
    case Kind::kString:
      return ottl::ParseDouble(value.text(), number) ? Value::Double(number) : value;
    default:
      return value;
  }
}

void Extract(std::vector<Entry>& attributes, std::string_view key, const ottl::Pattern& pattern) {
  const Value* source = Find(attributes, key);
  std::vector<std::string_view> groups;
  if (source == nullptr || source->kind() != Kind::kString ||
      !pattern.Groups(source->text(), groups)) {
    return;
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    Put(attributes, pattern.group_names()[i], Value::String(groups[i]));
  }
}

}  // namespace

// Reads one entry; collects its mistakes.
class Actions::Checker {
 public:
  Checker(const ActionOptions& options, size_t index, OptionErrors& errors)
      : options_(options), index_(index), errors_(errors) {}

  std::optional<Action> Check(ottl::Arena& values) {
    std::string verb = options_.action;
    std::transform(verb.begin(), verb.end(), verb.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    const auto* const found = std::find(std::begin(kVerbs), std::end(kVerbs), verb);
    if (found == std::end(kVerbs)) {
      Fail("action", Text("unknown action \"", options_.action, "\"",
                          ottl::DidYouMean(ottl::NearestName(verb, kVerbs))));
      return std::nullopt;
    }
    Action action{.verb = static_cast<Verb>(found - std::begin(kVerbs)),
                  .key = options_.key,
                  .from_attribute = options_.from_attribute,
                  .value = values.DeepCopy(options_.value),
                  .default_value = values.DeepCopy(options_.default_value)};
    verb_ = *found;
    const size_t before = errors_.size();
    switch (action.verb) {
      case Verb::kInsert:
      case Verb::kUpdate:
      case Verb::kUpsert:
        NeedsKey();
        NeedsOneSource();
        Unused("pattern", !options_.pattern.empty());
        Unused("converted_type", !options_.converted_type.empty());
        break;
      case Verb::kDelete:
      case Verb::kHash:
        if (options_.key.empty() && options_.pattern.empty()) {
          Fail("key", Text("action ", verb_, " needs key, pattern, or both"));
        }
        UnusedSources();
        Unused("converted_type", !options_.converted_type.empty());
        if (!options_.pattern.empty()) TakePattern(action);
        break;
      case Verb::kExtract:
        NeedsKey();
        UnusedSources();
        Unused("converted_type", !options_.converted_type.empty());
        TakePattern(action);
        NeedsNamedGroups(action);
        break;
      case Verb::kConvert:
        NeedsKey();
        UnusedSources();
        Unused("pattern", !options_.pattern.empty());
        TakeTarget(action);
        break;
    }
    if (!options_.from_context.empty()) {
      Fail("from_context",
           "what a client sent beside the data (metadata, auth, address) is not kept with it: one "
           "batch joins the requests of many clients");
    }
    if (errors_.size() != before) return std::nullopt;
    return action;
  }

 private:
  void Fail(std::string field, std::string message) {
    errors_.push_back({std::move(field), index_, std::move(message)});
  }
  void Unused(std::string_view field, bool given) {
    if (given) Fail(std::string(field), Text("action ", verb_, " does not use ", field));
  }
  void UnusedSources() {
    Unused("value", !options_.value.is_nil());
    Unused("from_attribute", !options_.from_attribute.empty());
  }
  void NeedsKey() {
    if (options_.key.empty()) Fail("key", Text("action ", verb_, " needs key"));
  }
  void NeedsOneSource() {
    const int sources = (options_.value.is_nil() ? 0 : 1) +
                        (options_.from_attribute.empty() ? 0 : 1) +
                        (options_.from_context.empty() ? 0 : 1);
    if (sources == 0 && options_.default_value.is_nil()) {
      Fail("value", Text("action ", verb_, " needs value, from_attribute or default_value"));
    }
    if (sources > 1) {
      Fail("value", Text("action ", verb_, " takes one of value, from_attribute, from_context"));
    }
  }
  void TakePattern(Action& action) {
    if (options_.pattern.empty()) return Fail("pattern", Text("action ", verb_, " needs pattern"));
    auto pattern = ottl::Pattern::Create(options_.pattern);
    if (!pattern.ok()) return Fail("pattern", std::string(pattern.status().message()));
    action.pattern = *std::move(pattern);
  }
  void NeedsNamedGroups(const Action& action) {
    if (!action.pattern) return;
    const auto& names = action.pattern->group_names();
    if (names.empty() || std::find(names.begin(), names.end(), "") != names.end()) {
      Fail("pattern", "each group of the pattern names an attribute: (?P<name>...)");
    }
  }
  void TakeTarget(Action& action) {
    if (options_.converted_type == "int") {
      action.target = Target::kInt;
    } else if (options_.converted_type == "double") {
      action.target = Target::kDouble;
    } else if (options_.converted_type != "string") {
      Fail("converted_type",
           Text("converted_type is int, double or string, not \"", options_.converted_type, "\""));
    }
  }

  const ActionOptions& options_;
  size_t index_;
  OptionErrors& errors_;
  std::string_view verb_;
};

std::variant<Actions, OptionErrors> Actions::Create(std::span<const ActionOptions> options) {
  Actions actions;
  OptionErrors errors;
  for (size_t i = 0; i < options.size(); ++i) {
    auto action = Checker(options[i], i, errors).Check(*actions.values_);
    if (action) actions.actions_.push_back(*std::move(action));
  }
  if (options.empty()) errors.push_back({.message = "at least one action is needed"});
  if (!errors.empty()) return errors;
  return actions;
}

const Value* Actions::Source(const Action& action, std::span<const Entry> attributes) {
  if (!action.value.is_nil()) return &action.value;
  if (!action.from_attribute.empty()) {
    if (const Value* found = ottl::Find(attributes, action.from_attribute)) return found;
  }
  return action.default_value.is_nil() ? nullptr : &action.default_value;
}

void Actions::Apply(std::vector<Entry>& attributes, ottl::Arena& arena) const {
  for (const Action& action : actions_) {
    Value* target = Find(attributes, action.key);
    switch (action.verb) {
      case Verb::kInsert:
      case Verb::kUpdate:
      case Verb::kUpsert: {
        const Value* source = Source(action, attributes);
        if (source == nullptr || (target != nullptr && action.verb == Verb::kInsert) ||
            (target == nullptr && action.verb == Verb::kUpdate)) {
          break;
        }
        const Value value = *source;  // it may lie in the list that grows
        Put(attributes, action.key, value);
        break;
      }
      case Verb::kDelete:
        // Of a key that is there twice, the first goes.
        if (target != nullptr) {
          attributes.erase(
              std::find_if(attributes.begin(), attributes.end(),
                           [&](const Entry& entry) { return &entry.value == target; }));
        }
        if (action.pattern) {
          std::erase_if(attributes,
                        [&](const Entry& entry) { return action.pattern->Matches(entry.key); });
        }
        break;
      case Verb::kHash:
        // A key that is named and matched is hashed twice, as the Collector does.
        if (target != nullptr) *target = Hashed(*target, arena);
        for (Entry& entry : attributes) {
          if (action.pattern && action.pattern->Matches(entry.key)) {
            entry.value = Hashed(entry.value, arena);
          }
        }
        break;
      case Verb::kExtract:
        Extract(attributes, action.key, *action.pattern);
        break;
      case Verb::kConvert:
        if (target == nullptr) break;
        if (action.target == Target::kInt) {
          *target = ToInt(*target);
        } else if (action.target == Target::kDouble) {
          *target = ToDouble(*target);
        } else {
          *target = Value::String(ottl::PlainText(*target, arena));
        }
        break;
    }
  }
}

}  // namespace flameway::attributes
