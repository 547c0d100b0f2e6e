// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/editors.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

using Result = absl::StatusOr<Value>;

// The result of an editor, which nothing reads.
Result Done(const absl::Status& status) {
  if (!status.ok()) return status;
  return Value();
}

constexpr Parameter kSet[] = {{"target", ParameterType::kAssigned},
                              {"value", ParameterType::kValue}};
Result Set(const Arguments& arguments) {
  const auto value = arguments.Any(1);
  if (!value.ok()) return value;
  return Done(arguments.Set(0, *value));
}

// A literal that could never be stored is a mistake.
absl::Status CheckSet(std::span<const NodePtr> arguments) {
  const std::optional<PathId> path = arguments[0]->whole_path();
  const Value* value = arguments[1]->literal();
  if (!path || value == nullptr) return absl::OkStatus();
  return FitTo(TraitsOf(*path).type, *value).status();
}

absl::Status CheckSetButNil(std::span<const NodePtr> arguments) {
  const Value* value = arguments[1]->literal();
  return value != nullptr && value->is_nil() ? absl::OkStatus() : CheckSet(arguments);
}

// The same where nil is passed over, as the Collector did up to 0.161.
Result SetButNil(const Arguments& arguments) {
  const auto value = arguments.Any(1);
  if (!value.ok() || value->is_nil()) return value;
  return Done(arguments.Set(0, *value));
}

// Argument 0 with the entries that `keeps` agrees to, in their order; set only when one goes.
Result KeepEntries(const Arguments& arguments, std::span<const Entry> entries,
                   absl::FunctionRef<bool(const Entry&)> keeps) {
  const std::span<Entry> kept = arguments.arena().NewMap(entries.size());
  size_t count = 0;
  for (const Entry& entry : entries) {
    if (keeps(entry)) kept[count++] = entry;
  }
  if (count == entries.size()) return Value();
  return Done(arguments.Set(0, Value::Map(kept.first(count))));
}

constexpr Parameter kDeleteKey[] = {{"target", ParameterType::kTargetMap},
                                    {"key", ParameterType::kString}};
Result DeleteKey(const Arguments& arguments) {
  const auto map = arguments.Map(0);
  if (!map.ok()) return map.status();
  const auto key = arguments.String(1);
  if (!key.ok()) return key.status();
  // Of a key that is there twice, the first goes.
  bool found = false;
  return KeepEntries(arguments, *map, [&](const Entry& entry) {
    if (found || entry.key != *key) return true;
    found = true;
    return false;
  });
}

constexpr Parameter kDeleteMatchingKeys[] = {{"target", ParameterType::kTargetMap},
                                             {"pattern", ParameterType::kRegex}};
Result DeleteMatchingKeys(const Arguments& arguments) {
  const auto map = arguments.Map(0);
  if (!map.ok()) return map.status();
  return KeepEntries(arguments, *map,
                     [&](const Entry& entry) { return !arguments.pattern(1).Matches(entry.key); });
}

constexpr Parameter kKeepKeys[] = {{"target", ParameterType::kTargetMap},
                                   {"keys", ParameterType::kStrings}};
Result KeepKeys(const Arguments& arguments) {
  const auto map = arguments.Map(0);
  if (!map.ok()) return map.status();
  const auto keys = arguments.Any(1);
  if (!keys.ok()) return keys;
  for (const Value& key : keys->list()) {
    if (key.kind() != Kind::kString) {
      return absl::InvalidArgumentError(Text("expected string but got ", KindName(key.kind())));
    }
  }
  return KeepEntries(arguments, *map, [&](const Entry& entry) {
    return std::any_of(keys->list().begin(), keys->list().end(),
                       [&](const Value& key) { return key.text() == entry.key; });
  });
}

constexpr Parameter kKeepMatchingKeys[] = {{"target", ParameterType::kTargetMap},
                                           {"pattern", ParameterType::kRegex}};
Result KeepMatchingKeys(const Arguments& arguments) {
  const auto map = arguments.Map(0);
  if (!map.ok()) return map.status();
  return KeepEntries(arguments, *map,
                     [&](const Entry& entry) { return arguments.pattern(1).Matches(entry.key); });
}

constexpr Parameter kReplacePattern[] = {
    {"target", ParameterType::kTarget},
    {"regex_pattern", ParameterType::kRegex},
    {"replacement", ParameterType::kReplacement},
    {"function", ParameterType::kUnsupported, Presence::kOptional},
    {"replacement_format", ParameterType::kUnsupported, Presence::kOptional}};
Result ReplacePattern(const Arguments& arguments) {
  const auto target = arguments.Any(0);
  if (!target.ok() || target->is_nil()) return target;
  const auto replacement = arguments.String(2);
  if (!replacement.ok()) return replacement.status();
  if (target->kind() != Kind::kString || !arguments.pattern(1).Matches(target->text())) {
    return Value();
  }
  const std::string replaced = arguments.pattern(1).ReplaceAll(target->text(), *replacement);
  return Done(arguments.Set(0, Value::String(replaced)));
}

constexpr Parameter kReplaceMatch[] = {
    {"target", ParameterType::kTarget},
    {"pattern", ParameterType::kGlob},
    {"replacement", ParameterType::kString},
    {"function", ParameterType::kUnsupported, Presence::kOptional},
    {"replacement_format", ParameterType::kUnsupported, Presence::kOptional}};
Result ReplaceMatch(const Arguments& arguments) {
  const auto target = arguments.Any(0);
  if (!target.ok()) return target;
  const auto replacement = arguments.String(2);
  if (!replacement.ok()) return replacement.status();
  if (target->kind() != Kind::kString || !arguments.pattern(1).Matches(target->text())) {
    return Value();
  }
  return Done(arguments.Set(0, Value::String(*replacement)));
}

// Argument 0 with each string value as `change` returns it; nothing leaves it as it is.
Result ChangeStrings(const Arguments& arguments, std::span<const Entry> entries,
                     absl::FunctionRef<std::optional<std::string_view>(std::string_view)> change) {
  const std::span<Entry> copy = arguments.arena().NewMap(entries.size());
  std::copy(entries.begin(), entries.end(), copy.begin());
  bool changed = false;
  for (Entry& entry : copy) {
    if (entry.value.kind() != Kind::kString) continue;
    const std::optional<std::string_view> text = change(entry.value.text());
    if (!text) continue;
    entry.value = Value::String(*text);
    changed = true;
  }
  return changed ? Done(arguments.Set(0, Value::Map(copy))) : Result(Value());
}

// Two keys that become equal: the later value stays, at the place of the first.
Result ReplaceKeys(const Arguments& arguments, std::span<const Entry> entries,
                   const Pattern& pattern, std::string_view replacement) {
  Arena& arena = arguments.arena();
  MapBuilder renamed(entries.size(), arena);
  bool changed = false;
  for (const Entry& entry : entries) {
    std::string_view key = entry.key;
    if (pattern.Matches(key)) {
      key = arena.Copy(pattern.ReplaceAll(key, replacement));
      changed = true;
    }
    renamed.Put(key, entry.value);
  }
  return changed ? Done(arguments.Set(0, renamed.Map())) : Result(Value());
}

absl::Status CheckMode(std::span<const NodePtr> arguments) {
  const std::string_view mode = arguments[1]->literal()->text();
  if (mode == "key" || mode == "value") return absl::OkStatus();
  return absl::InvalidArgumentError(Text("mode is \"key\" or \"value\", not \"", mode, "\""));
}

constexpr Parameter kReplaceAllPatterns[] = {
    {"target", ParameterType::kTargetMap},
    {"mode", ParameterType::kLiteralString},
    {"regex_pattern", ParameterType::kRegex},
    {"replacement", ParameterType::kReplacement},
    {"function", ParameterType::kUnsupported, Presence::kOptional},
    {"replacement_format", ParameterType::kUnsupported, Presence::kOptional}};
Result ReplaceAllPatterns(const Arguments& arguments) {
  const auto map = arguments.Map(0);
  if (!map.ok()) return map.status();
  const auto replacement = arguments.String(3);
  if (!replacement.ok()) return replacement.status();
  const Pattern& pattern = arguments.pattern(2);
  if (arguments.Literal(1).text() == "key") {
    return ReplaceKeys(arguments, *map, pattern, *replacement);
  }
  return ChangeStrings(arguments, *map,
                       [&](std::string_view text) -> std::optional<std::string_view> {
                         if (!pattern.Matches(text)) return std::nullopt;
                         return arguments.arena().Copy(pattern.ReplaceAll(text, *replacement));
                       });
}

constexpr Parameter kReplaceAllMatches[] = {
    {"target", ParameterType::kTargetMap},
    {"pattern", ParameterType::kGlob},
    {"replacement", ParameterType::kString},
    {"function", ParameterType::kUnsupported, Presence::kOptional},
    {"replacement_format", ParameterType::kUnsupported, Presence::kOptional}};
Result ReplaceAllMatches(const Arguments& arguments) {
  const auto map = arguments.Map(0);
  if (!map.ok()) return map.status();
  const auto replacement = arguments.String(2);
  if (!replacement.ok()) return replacement.status();
  return ChangeStrings(arguments, *map,
                       [&](std::string_view text) -> std::optional<std::string_view> {
                         if (!arguments.pattern(1).Matches(text)) return std::nullopt;
                         return *replacement;
                       });
}

absl::Status CheckTruncateAll(std::span<const NodePtr> arguments) {
  const int64_t limit = arguments[1]->literal()->as_int();
  if (limit < 0) return absl::InvalidArgumentError("the limit is negative");
  const size_t marker = arguments[3] == nullptr ? 0 : arguments[3]->literal()->text().size();
  if (marker <= static_cast<uint64_t>(limit)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      Text("the truncation marker of ", marker, " bytes is longer than the limit of ", limit));
}

// In bytes, the marker included; never inside a character unless utf8_safe is false.
constexpr Parameter kTruncateAll[] = {
    {"target", ParameterType::kTargetMap},
    {"limit", ParameterType::kLiteralInt},
    {"utf8_safe", ParameterType::kLiteralBool, Presence::kOptional},
    {"truncation_marker", ParameterType::kLiteralString, Presence::kOptional}};
Result TruncateAll(const Arguments& arguments) {
  const auto map = arguments.Map(0);
  if (!map.ok()) return map.status();
  const auto limit = static_cast<uint64_t>(arguments.Literal(1).as_int());
  const bool utf8_safe = !arguments.Has(2) || arguments.Literal(2).as_bool();
  const std::string_view marker = arguments.Has(3) ? arguments.Literal(3).text() : "";
  return ChangeStrings(
      arguments, *map, [&](std::string_view text) -> std::optional<std::string_view> {
        if (text.size() <= limit) return std::nullopt;
        size_t end = static_cast<size_t>(limit) - marker.size();
        while (utf8_safe && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
          --end;
        if (marker.empty()) return text.substr(0, end);
        return arguments.arena().Copy(Text(text.substr(0, end), marker));
      });
}

absl::Status CheckLimit(std::span<const NodePtr> arguments) {
  const int64_t limit = arguments[1]->literal()->as_int();
  if (limit < 0) return absl::InvalidArgumentError("the limit is negative");
  const size_t count = arguments[2]->literal()->list().size();
  if (count <= static_cast<uint64_t>(limit)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      Text("the limit ", limit, " is less than the ", count, " priority keys"));
}

// Priority keys first, then the others in their order, until the limit is reached.
constexpr Parameter kLimit[] = {{"target", ParameterType::kTargetMap},
                                {"limit", ParameterType::kLiteralInt},
                                {"priority_keys", ParameterType::kLiteralStrings}};
Result Limit(const Arguments& arguments) {
  const auto map = arguments.Map(0);
  if (!map.ok()) return map.status();
  const auto limit = static_cast<uint64_t>(arguments.Literal(1).as_int());
  if (map->size() <= limit) return Value();
  const std::span<const Value> priority = arguments.Literal(2).list();
  uint64_t count = 0;
  for (const Value& key : priority) {
    if (Find(*map, key.text()) != nullptr) ++count;
  }
  return KeepEntries(arguments, *map, [&](const Entry& entry) {
    const bool first = std::any_of(priority.begin(), priority.end(),
                                   [&](const Value& key) { return key.text() == entry.key; });
    if (first) return true;
    if (count >= limit) return false;
    ++count;
    return true;
  });
}

absl::Status CheckStrategy(std::span<const NodePtr> arguments) {
  const std::string_view strategy = arguments[2]->literal()->text();
  if (strategy == "insert" || strategy == "update" || strategy == "upsert") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      Text("strategy is \"insert\", \"update\" or \"upsert\", not \"", strategy, "\""));
}

constexpr Parameter kMergeMaps[] = {{"target", ParameterType::kTargetMap},
                                    {"source", ParameterType::kMap},
                                    {"strategy", ParameterType::kLiteralString}};
Result MergeMaps(const Arguments& arguments) {
  const auto target = arguments.Map(0);
  if (!target.ok()) return target.status();
  const auto source = arguments.Map(1);
  if (!source.ok()) return source.status();
  const std::string_view strategy = arguments.Literal(2).text();
  // New entries go behind the old ones; both fit without growing.
  const std::span<Entry> merged = arguments.arena().NewMap(target->size() + source->size());
  std::copy(target->begin(), target->end(), merged.begin());
  size_t count = target->size();
  for (const Entry& entry : *source) {
    const auto end = merged.begin() + static_cast<ptrdiff_t>(count);
    const auto same = std::find_if(merged.begin(), end,
                                   [&](const Entry& other) { return other.key == entry.key; });
    if (same != end && strategy != "insert") same->value = entry.value;
    if (same == end && strategy != "update") merged[count++] = entry;
  }
  return Done(arguments.Set(0, Value::Map(merged.first(count))));
}

constexpr Function kEditors[] = {
    {"delete_key", Kind::kNil, kDeleteKey, DeleteKey},
    {"delete_matching_keys", Kind::kNil, kDeleteMatchingKeys, DeleteMatchingKeys},
    {"keep_keys", Kind::kNil, kKeepKeys, KeepKeys},
    {"keep_matching_keys", Kind::kNil, kKeepMatchingKeys, KeepMatchingKeys},
    {"limit", Kind::kNil, kLimit, Limit, CheckLimit},
    {"merge_maps", Kind::kNil, kMergeMaps, MergeMaps, CheckStrategy},
    {"replace_all_matches", Kind::kNil, kReplaceAllMatches, ReplaceAllMatches},
    {"replace_all_patterns", Kind::kNil, kReplaceAllPatterns, ReplaceAllPatterns, CheckMode},
    {"replace_match", Kind::kNil, kReplaceMatch, ReplaceMatch},
    {"replace_pattern", Kind::kNil, kReplacePattern, ReplacePattern},
    {"set", Kind::kNil, kSet, Set, CheckSet},
    {"truncate_all", Kind::kNil, kTruncateAll, TruncateAll, CheckTruncateAll},
};

constexpr Function kSetButNil = {"set", Kind::kNil, kSet, SetButNil, CheckSetButNil};

}  // namespace

std::span<const Function> Editors() { return kEditors; }
const Function& SetThatSkipsNil() { return kSetButNil; }

}  // namespace flameway::ottl
