// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/transform_grammar.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "bridge/config/symbols_grammar.h"
#include "fmt/format.h"

namespace flameway {
namespace {

using attributes::RedactionOptions;
using ottl::Context;
using ottl::ErrorMode;
using Path = std::vector<Section::Step>;
using Recipe = std::shared_ptr<const TransformRecipe>;

constexpr Section::Choice<AttributeOwner> kOwners[] = {
    {AttributeOwner::kResource, "resource"}, {AttributeOwner::kScope, "scope"},
    {AttributeOwner::kProfile, "profile"},   {AttributeOwner::kSample, "sample"},
    {AttributeOwner::kMapping, "mapping"},   {AttributeOwner::kLocation, "location"}};

constexpr Section::Choice<Context> kContexts[] = {{Context::kResource, "resource"},
                                                  {Context::kScope, "scope"},
                                                  {Context::kProfile, "profile"},
                                                  {Context::kSample, "profilesample"},
                                                  {Context::kFrame, "frame"}};

constexpr Section::Choice<ErrorMode> kErrorModes[] = {{ErrorMode::kIgnore, "ignore"},
                                                      {ErrorMode::kSilent, "silent"},
                                                      {ErrorMode::kPropagate, "propagate"}};

constexpr std::string_view kOtherSignals = "Flameway carries profiles only";

// A key whose absence is a value of its own: printed only where there is one.
template <typename T, size_t N>
void OptionalEnum(Section& section, std::string_view key, std::optional<T>& value,
                  const Section::Choice<T> (&choices)[N]) {
  if (!value.has_value() && !section.Has(key)) return section.Ignored(key, "");
  T chosen = value.value_or(choices[0].value);
  section.Enum(key, chosen, choices);
  value = chosen;
}

// A batch joins the requests of many senders, so none of them can be answered.
void AdaptPropagate(Section& section, std::optional<ErrorMode> mode) {
  if (mode != ErrorMode::kPropagate || !section.Has("error_mode")) return;
  section.Report("error_mode", DiagnosticCode::kAdapted,
                 "a failure drops the row it happens on; the Collector refuses the request");
}

void OptionalText(Section& section, std::string_view key, std::string& value) {
  if (value.empty() && !section.Has(key)) return section.Ignored(key, "");
  section.Text(key, value);
}

void OptionalList(Section& section, std::string_view key, std::vector<std::string>& value) {
  if (value.empty() && !section.Has(key)) return section.Ignored(key, "");
  section.TextList(key, value);
}

template <typename T, typename F>
void EachOf(Section& section, std::string_view key, std::vector<T>& list, F describe) {
  section.ChildList(key, list.size(), [&](Section& item, size_t index) {
    if (index == list.size()) list.emplace_back();
    describe(item, list[index]);
  });
}

template <typename T, typename F>
void OptionalEachOf(Section& section, std::string_view key, std::vector<T>& list, F describe) {
  if (list.empty() && !section.Has(key)) return section.Ignored(key, "");
  EachOf(section, key, list, describe);
}

Recipe Compile(Section& section, const TransformOptions& options,
               absl::FunctionRef<Path(const RecipeError&)> path_of) {
  auto made = TransformRecipe::Create(options);
  if (auto* recipe = std::get_if<Recipe>(&made)) return std::move(*recipe);
  for (const RecipeError& error : std::get<RecipeErrors>(made)) {
    std::optional<Section::TextPlace> inside;
    if (error.inside.has_value()) {
      inside = {error.inside->offset, error.inside->line, error.inside->column};
    }
    section.ReportAt(path_of(error), inside, DiagnosticCode::kBadValue, error.message);
  }
  return nullptr;
}

// "include.resources" -> {"include", "resources"}
Path Split(std::string_view field) {
  Path path;
  while (!field.empty()) {
    const size_t dot = field.find('.');
    path.emplace_back(std::string(field.substr(0, dot)));
    if (dot == std::string_view::npos) break;
    field.remove_prefix(dot + 1);
  }
  return path;
}

// --- attributes, resource

void DescribeAction(Section& section, AttributesOptions::Action& action) {
  section.Text("action", action.action);
  OptionalText(section, "key", action.key);
  section.Plain("value", action.value);
  section.Plain("default_value", action.default_value);
  OptionalText(section, "pattern", action.pattern);
  OptionalText(section, "from_attribute", action.from_attribute);
  OptionalText(section, "from_context", action.from_context);
  OptionalText(section, "converted_type", action.converted_type);
}

void DescribeMatch(Section& section, AttributesOptions::Match& match) {
  using Match = AttributesOptions::Match;
  section.Text("match_type", match.match_type);
  OptionalList(section, "services", match.services);
  const auto attribute = [](Section& item, Match::Attribute& a) {
    item.Text("key", a.key);
    item.Plain("value", a.value);
  };
  OptionalEachOf(section, "resources", match.resources, attribute);
  OptionalEachOf(section, "attributes", match.attributes, attribute);
  OptionalEachOf(section, "libraries", match.libraries, [](Section& item, Match::Library& library) {
    item.Text("name", library.name);
    if (!library.version.has_value() && !item.Has("version")) return item.Ignored("version", "");
    std::string version = library.version.value_or("");
    item.Text("version", version);
    library.version = version;
  });
  for (const std::string_view key : {"span_names", "span_kinds", "log_bodies", "log_severity_texts",
                                     "log_severity_number", "metric_names"}) {
    section.Unsupported(key, "it selects by what profiles do not have");
  }
  section.Ignored("regexp", "patterns need no cache");
}

Recipe DescribeAttributes(Section& section, std::string_view type, AttributesOptions& options) {
  const std::string list = type == "resource" ? "attributes" : "actions";
  if (type == "attributes") {
    section.Enum("context", options.owner, kOwners);
    section.Optional("include", options.include, DescribeMatch);
    section.Optional("exclude", options.exclude, DescribeMatch);
  }
  EachOf(section, list, options.actions, DescribeAction);
  return Compile(section, options, [&](const RecipeError& error) {
    Path path = Split(error.field);
    if (path.empty() || std::get<std::string>(path[0]) != "actions") {
      path.emplace_back(error.index);
      return path;
    }
    path[0] = list;
    path.insert(path.begin() + 1, error.index);
    return path;
  });
}

// --- redaction

Recipe DescribeRedaction(Section& section, RedactionOptions& options) {
  section.Bool("allow_all_keys", options.allow_all_keys);
  section.TextList("allowed_keys", options.allowed_keys);
  section.TextList("ignored_keys", options.ignored_keys);
  section.TextList("ignored_key_patterns", options.ignored_key_patterns);
  section.TextList("blocked_key_patterns", options.blocked_key_patterns);
  section.TextList("blocked_values", options.blocked_values);
  section.TextList("allowed_values", options.allowed_values);
  section.Bool("redact_all_types", options.redact_all_types);
  OptionalText(section, "hash_function", options.hash_function);
  if (options.hmac_key.empty() && !section.Has("hmac_key")) {
    section.Ignored("hmac_key", "");
  } else {
    section.Text("hmac_key", options.hmac_key, Section::Secrecy::kSecret);
  }
  OptionalText(section, "summary", options.summary);
  section.Unsupported("url_sanitizer", "URLs are redacted by blocked_values");
  section.Unsupported("db_sanitizer", "queries are redacted by blocked_values");
  return Compile(section, options, [](const RecipeError& error) {
    Path path = Split(error.field);
    path.emplace_back(error.index);
    return path;
  });
}

// --- filter, transform

bool IsFlat(const std::vector<ConditionGroup>& groups) {
  return groups.size() == 1 && !groups[0].context.has_value() && !groups[0].error_mode.has_value();
}
bool IsFlat(const std::vector<StatementGroup>& groups) {
  return groups.size() == 1 && !groups[0].context.has_value() &&
         !groups[0].error_mode.has_value() && groups[0].conditions.empty();
}

enum class Written : uint8_t { kFlat, kGroups, kLegacy };

// The list `key` of a filter or transform: texts, or groups of texts. `flat` are the texts of the
// only group that texts make.
template <typename Group>
Written DescribeGroups(Section& section, std::string_view key, std::vector<Group>& groups,
                       std::vector<std::string> Group::*flat,
                       absl::FunctionRef<void(Section&, Group&)> describe) {
  const Section::Form form = section.FormOf(key);
  if (form == Section::Form::kMixedList) {
    section.Ignored(key, "");
    section.Report(key, DiagnosticCode::kConflict,
                   fmt::format("`{}` takes texts or groups, not both in one list", key),
                   "put the texts into a group of their own");
    return Written::kFlat;
  }
  if (form == Section::Form::kMaps || (!groups.empty() && !IsFlat(groups))) {
    EachOf(section, key, groups, [&](Section& item, Group& group) { describe(item, group); });
    return Written::kGroups;
  }
  std::vector<std::string> texts;
  if (!groups.empty()) texts = groups[0].*flat;
  section.TextList(key, texts);
  groups.clear();
  if (!texts.empty()) {
    groups.emplace_back();
    groups.back().*flat = std::move(texts);
  }
  return Written::kFlat;
}

Recipe DescribeFilter(Section& section, FilterOptions& options) {
  section.Enum("error_mode", options.error_mode, kErrorModes);
  AdaptPropagate(section, options.error_mode);
  for (const std::string_view key : {"traces", "metrics", "logs", "spans", "trace_conditions",
                                     "metric_conditions", "log_conditions"}) {
    section.Ignored(key, kOtherSignals);
  }
  constexpr std::string_view kKey = "profile_conditions";
  Written written = DescribeGroups<ConditionGroup>(
      section, kKey, options.groups, &ConditionGroup::conditions,
      [](Section& item, ConditionGroup& group) {
        OptionalEnum(item, "context", group.context, kContexts);
        OptionalEnum(item, "error_mode", group.error_mode, kErrorModes);
        AdaptPropagate(item, group.error_mode);
        item.TextList("conditions", group.conditions);
      });
  // The older form; it is printed as groups.
  std::vector<std::string> legacy_names;
  section.Child("profiles", Section::Presence::kAbsent, [&](Section& child) {
    for (const auto& [name, context] :
         {std::pair{"resource", Context::kResource}, std::pair{"profile", Context::kProfile}}) {
      ConditionGroup group{.context = context, .error_mode = {}, .conditions = {}};
      child.TextList(name, group.conditions);
      if (group.conditions.empty()) continue;
      if (written != Written::kLegacy && !options.groups.empty()) {
        child.Report(name, DiagnosticCode::kConflict,
                     "`profiles` and `profile_conditions` exclude each other");
        continue;
      }
      written = Written::kLegacy;
      legacy_names.emplace_back(name);
      options.groups.push_back(std::move(group));
    }
  });
  return Compile(section, options, [&](const RecipeError& error) -> Path {
    switch (written) {
      case Written::kFlat:
        return {std::string(kKey), error.index};
      case Written::kGroups:
        return {std::string(kKey), error.group, error.field, error.index};
      case Written::kLegacy:
        return {"profiles", legacy_names[error.group], error.index};
    }
    return {};
  });
}

Recipe DescribeStatements(Section& section, StatementsOptions& options) {
  section.Enum("error_mode", options.error_mode, kErrorModes);
  AdaptPropagate(section, options.error_mode);
  for (const std::string_view key : {"trace_statements", "metric_statements", "log_statements"}) {
    section.Ignored(key, kOtherSignals);
  }
  section.Ignored("flatten_data", kOtherSignals);
  constexpr std::string_view kKey = "profile_statements";
  const Written written = DescribeGroups<StatementGroup>(
      section, kKey, options.groups, &StatementGroup::statements,
      [](Section& item, StatementGroup& group) {
        OptionalEnum(item, "context", group.context, kContexts);
        OptionalEnum(item, "error_mode", group.error_mode, kErrorModes);
        AdaptPropagate(item, group.error_mode);
        OptionalList(item, "conditions", group.conditions);
        item.TextList("statements", group.statements);
        item.Unsupported("shared_cache", "a cache lives for one row");
      });
  return Compile(section, options, [&](const RecipeError& error) -> Path {
    if (written == Written::kFlat) return {std::string(kKey), error.index};
    return {std::string(kKey), error.group, error.field, error.index};
  });
}

// --- reduce

void ReadRounding(Section& section, std::string_view key, ReduceOptions& options) {
  section.FineDuration(key, options.round_to);
  if (options.round_to.count() >= 1) return;
  section.Report(key, DiagnosticCode::kBadValue, "timestamps are rounded to at least 1ns");
  options.round_to = std::chrono::nanoseconds(1);
}

// keep, drop, or {round: 1ms}.
void DescribeTimestamps(Section& section, ReduceOptions& options) {
  constexpr std::string_view kKey = "timestamps";
  constexpr Section::Choice<Timestamps> kWords[] = {{Timestamps::kKeep, "keep"},
                                                    {Timestamps::kDrop, "drop"}};
  const Section::Form form = section.FormOf(kKey);
  if (form == Section::Form::kMap || options.timestamps == Timestamps::kRound) {
    section.Always(kKey, [&](Section& child) {
      options.timestamps = Timestamps::kRound;
      if (form == Section::Form::kMap && !child.Has("round")) {
        child.Report("round", DiagnosticCode::kMissing, "`round` is missing", "{round: 1ms}");
      }
      ReadRounding(child, "round", options);
    });
    return;
  }
  section.Enum(kKey, options.timestamps, kWords);
}

Recipe DescribeReduce(Section& section, ReduceOptions& options) {
  DescribeTimestamps(section, options);
  section.TextList("drop_sample_attributes", options.drop_sample_attributes);
  section.Always("merge_resources",
                 [&](Section& child) { child.TextList("drop", options.drop_resource_attributes); });
  section.Always("value_types",
                 [&](Section& child) { child.TextList("keep", options.keep_value_types); });
  return Compile(section, options, [](const RecipeError&) { return Path(); });
}

}  // namespace

std::optional<TransformOptions> DefaultTransform(std::string_view type) {
  if (type == "attributes") return AttributesOptions();
  if (type == "resource") return AttributesOptions{.owner = AttributeOwner::kResource};
  if (type == "redaction") return RedactionOptions();
  if (type == "filter") return FilterOptions();
  if (type == "transform") return StatementsOptions();
  if (type == "reduce") return ReduceOptions();
  if (type == "symbols") return SymbolsOptions();
  return std::nullopt;
}

Recipe DescribeTransform(Section& section, std::string_view type, TransformOptions& options) {
  if (auto* attributes = std::get_if<AttributesOptions>(&options)) {
    return DescribeAttributes(section, type, *attributes);
  }
  if (auto* redaction = std::get_if<RedactionOptions>(&options)) {
    return DescribeRedaction(section, *redaction);
  }
  if (auto* filter = std::get_if<FilterOptions>(&options)) return DescribeFilter(section, *filter);
  if (auto* statements = std::get_if<StatementsOptions>(&options)) {
    return DescribeStatements(section, *statements);
  }
  if (auto* symbols = std::get_if<SymbolsOptions>(&options)) {
    DescribeSymbols(section, *symbols);
    return Compile(section, options, [](const RecipeError& error) -> Path {
      const size_t dot = error.field.find('.');
      if (dot == std::string::npos) {
        return error.field.empty() ? Path() : Path{error.field, error.index};
      }
      const std::string list = error.field.substr(0, dot);
      const std::string key = error.field.substr(dot + 1);
      return list == "frames" ? Path{list, key} : Path{list, error.index, key};
    });
  }
  return DescribeReduce(section, std::get<ReduceOptions>(options));
}

}  // namespace flameway
