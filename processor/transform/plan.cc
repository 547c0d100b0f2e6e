// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/plan.h"

#include <algorithm>
#include <array>
#include <span>
#include <type_traits>

#include "processor/attributes/actions.h"
#include "processor/attributes/selection.h"
#include "processor/transform/attribute_steps.h"
#include "processor/transform/ottl_step.h"
#include "processor/transform/symbols.h"

namespace flameway {
namespace {

using ottl::Context;

// Views `value`.
ottl::Value ValueOf(const ConfiguredValue& value) {
  return std::visit(
      [](const auto& v) -> ottl::Value {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, bool>) return ottl::Value::Bool(v);
        if constexpr (std::is_same_v<T, int64_t>) return ottl::Value::Int(v);
        if constexpr (std::is_same_v<T, double>) return ottl::Value::Double(v);
        if constexpr (std::is_same_v<T, std::string>) return ottl::Value::String(v);
        return {};
      },
      value);
}

std::vector<attributes::MatchOptions::Attribute> AttributesOf(
    const std::vector<AttributesOptions::Match::Attribute>& attributes) {
  std::vector<attributes::MatchOptions::Attribute> views;
  for (const auto& attribute : attributes) {
    views.push_back({attribute.key, ValueOf(attribute.value)});
  }
  return views;
}

std::optional<attributes::MatchOptions> MatchOf(
    const std::optional<AttributesOptions::Match>& match) {
  if (!match.has_value()) return std::nullopt;
  attributes::MatchOptions options{.match_type = match->match_type,
                                   .services = match->services,
                                   .resources = AttributesOf(match->resources),
                                   .attributes = AttributesOf(match->attributes),
                                   .libraries = {}};
  for (const auto& library : match->libraries) {
    options.libraries.push_back({library.name, library.version});
  }
  return options;
}

}  // namespace

class TransformRecipe::Builder {
 public:
  explicit Builder(TransformRecipe& recipe) : recipe_(recipe) {}

  RecipeErrors Take() { return std::move(errors_); }

  void Add(const AttributesOptions& options) {
    std::vector<attributes::ActionOptions> views;
    for (const auto& action : options.actions) {
      views.push_back({.action = action.action,
                       .key = action.key,
                       .value = ValueOf(action.value),
                       .default_value = ValueOf(action.default_value),
                       .pattern = action.pattern,
                       .from_attribute = action.from_attribute,
                       .from_context = action.from_context,
                       .converted_type = action.converted_type});
    }
    auto actions = attributes::Actions::Create(views);
    Keep("actions", std::get_if<attributes::OptionErrors>(&actions));

    std::shared_ptr<const attributes::Selection> selection;
    if (options.include.has_value() || options.exclude.has_value()) {
      auto made = attributes::Selection::Create(MatchOf(options.include), MatchOf(options.exclude));
      Keep("", std::get_if<attributes::OptionErrors>(&made));
      if (auto* good = std::get_if<attributes::Selection>(&made)) {
        selection = std::make_shared<const attributes::Selection>(std::move(*good));
      }
    }
    RefuseWhatIsOutOfSight(options);
    if (!errors_.empty()) return;
    auto shared = std::make_shared<const attributes::Actions>(
        std::get<attributes::Actions>(std::move(actions)));
    Step([owner = options.owner, shared, selection](const TransformReport&) {
      return std::make_unique<AttributeActions>(owner, shared, selection);
    });
  }

  void Add(const attributes::RedactionOptions& options) {
    auto made = attributes::Redaction::Create(options);
    Keep("", std::get_if<attributes::OptionErrors>(&made));
    if (!errors_.empty()) return;
    auto redaction = std::make_shared<const attributes::Redaction>(
        std::get<attributes::Redaction>(std::move(made)));
    Step([redaction](const TransformReport&) {
      return std::make_unique<RedactAttributes>(redaction);
    });
  }

  void Add(const FilterOptions& options) {
    for (size_t g = 0; g < options.groups.size(); ++g) {
      const ConditionGroup& group = options.groups[g];
      const ottl::ErrorMode mode = group.error_mode.value_or(options.error_mode);
      if (group.context.has_value()) {
        AddFilter(group, g, *group.context, mode, All(group.conditions.size()));
        continue;
      }
      // A filter changes nothing, so its conditions may be asked in the order of the contexts.
      std::array<std::vector<size_t>, kContexts.size()> by_context;
      for (size_t i = 0; i < group.conditions.size(); ++i) {
        const Context context = ottl::InnermostContext(std::span(&group.conditions[i], 1), {})
                                    .value_or(Context::kResource);
        by_context[static_cast<size_t>(context)].push_back(i);
      }
      for (const std::vector<size_t>& numbers : by_context) {
        if (!numbers.empty()) AddFilter(group, g, std::nullopt, mode, numbers);
      }
    }
  }

  void Add(const StatementsOptions& options) {
    for (size_t g = 0; g < options.groups.size(); ++g) {
      const StatementGroup& group = options.groups[g];
      const ottl::ErrorMode mode = group.error_mode.value_or(options.error_mode);
      if (group.statements.empty()) {
        errors_.push_back({.field = "statements", .group = g, .message = "there is no statement"});
        continue;
      }
      if (group.context.has_value() || !group.conditions.empty()) {
        AddStatements(group, g, mode, 0, group.statements.size());
        continue;
      }
      const auto context_of = [&group](size_t i) {
        return ottl::InnermostContext({}, std::span(&group.statements[i], 1));
      };
      for (size_t begin = 0; begin < group.statements.size();) {
        const std::optional<Context> context = context_of(begin);
        size_t end = begin + 1;
        while (end < group.statements.size() && context_of(end) == context) ++end;
        AddStatements(group, g, mode, begin, end);
        begin = end;
      }
    }
  }

  void Add(const ReduceOptions& options) {
    recipe_.points_ = Combine(recipe_.points_, PointRuleOf(options));
    Step([options](const TransformReport&) { return std::make_unique<Reduce>(options); });
  }

  void Add(const SymbolsOptions& options) {
    auto normalizer = SymbolNormalizer::Create(options.rules);
    if (!normalizer.ok()) BlameSymbols(options.rules, normalizer.status());
    FrameFilterOptions frame_options = options.frames;
    if (normalizer.ok()) {
      for (const SymbolRule rule : {SymbolRule::kPythonModule, SymbolRule::kV8Pseudo}) {
        if (normalizer->IsOn(rule)) frame_options.rules.Set(rule);
      }
    }
    auto frames = FrameFilter::Create(frame_options);
    if (!frames.ok()) BlameFrames(options.frames);
    if (!errors_.empty()) return;
    auto shared = std::make_shared<const SymbolNormalizer>(*std::move(normalizer));
    std::shared_ptr<const FrameFilter> filter;
    if (!frames->IsIdle()) filter = std::make_shared<const FrameFilter>(*std::move(frames));
    Step([shared, filter, normalize = options.normalize](const TransformReport&) {
      return std::make_unique<NormalizeSymbols>(shared, filter, normalize);
    });
  }

 private:
  void Keep(std::string field, const absl::Status& why, size_t index = 0) {
    errors_.push_back(
        {.field = std::move(field), .index = index, .message = std::string(why.message())});
  }

  // Which switch or rule it was, by trying each alone.
  void BlameSymbols(const SymbolOptions& options, const absl::Status& whole) {
    const size_t before = errors_.size();
    size_t on = 0;
    size_t off = 0;
    for (const RuleSwitch& change : options.switches) {
      const bool is_on = change.state == SwitchState::kOn;
      const size_t index = is_on ? on++ : off++;
      SymbolOptions alone;
      alone.demangle = options.demangle;
      alone.trim_prefixes = options.trim_prefixes;
      alone.switches = {change};
      const auto made = SymbolNormalizer::Create(alone);
      if (!made.ok()) Keep(is_on ? "enable" : "disable", made.status(), index);
    }
    for (size_t i = 0; i < options.rules.size(); ++i) {
      SymbolOptions alone;
      alone.rules = {options.rules[i]};
      const auto made = SymbolNormalizer::Create(alone);
      if (!made.ok()) KeepPart("rules", made.status(), i);
    }
    for (size_t i = 0; i < options.trim_prefixes.size(); ++i) {
      if (options.trim_prefixes[i].empty()) {
        Keep("trim_prefixes", absl::InvalidArgumentError("a prefix is empty"), i);
      }
    }
    if (errors_.size() == before) Keep("", whole);
  }

  // The same for the patterns that frames are filtered by.
  void BlameFrames(const FrameFilterOptions& options) {
    const auto blame = [this](const char* key, const FrameFilterOptions& alone) {
      const auto made = FrameFilter::Create(alone);
      if (made.ok()) return;
      const std::string message(made.status().message());
      errors_.push_back({.field = std::string("frames.") + key,
                         .message = message.substr(message.find(": ") + 2)});
    };
    blame("drop", {.drop_frames = options.drop_frames});
    blame("keep", {.drop_frames = options.drop_frames.empty() ? "" : "a",
                   .keep_frames = options.keep_frames});
    blame("prune_from", {.prune_from = options.prune_from});
    blame("max_depth", {.max_depth = options.max_depth});
  }

  // For a message like "rules[0] (name): pattern: missing )": the place is `rules`.`pattern`.
  void KeepPart(const std::string& list, const absl::Status& why, size_t index) {
    const std::string message(why.message());
    const size_t part = message.find("): ") + 3;
    const size_t colon = message.find(": ", part);
    errors_.push_back({.field = list + "." + message.substr(part, colon - part),
                       .index = index,
                       .message = message.substr(colon + 2)});
  }

  static constexpr std::array kContexts = {Context::kResource, Context::kScope, Context::kProfile,
                                           Context::kSample, Context::kFrame};

  static std::vector<size_t> All(size_t count) {
    std::vector<size_t> numbers(count);
    for (size_t i = 0; i < count; ++i) numbers[i] = i;
    return numbers;
  }

  void Step(MakeStep make) {
    if (make(TransformReport())->hooks().stacks != StackHook::kNone) ++recipe_.frame_filters_;
    recipe_.steps_.push_back(std::move(make));
  }

  void Keep(const std::string& list, const attributes::OptionErrors* errors) {
    if (errors == nullptr) return;
    for (const attributes::OptionError& error : *errors) {
      std::string field = list;
      if (!list.empty() && !error.field.empty()) field += '.';
      errors_.push_back(
          {.field = field + error.field, .index = error.index, .message = error.message});
    }
  }

  // A mapping or location is one row for all resources and scopes.
  void RefuseWhatIsOutOfSight(const AttributesOptions& options) {
    if (options.owner != AttributeOwner::kMapping && options.owner != AttributeOwner::kLocation) {
      return;
    }
    const auto refuse = [this](std::string_view block,
                               const std::optional<AttributesOptions::Match>& match) {
      if (!match.has_value()) return;
      const auto add = [&](std::string_view field, bool given) {
        if (!given) return;
        errors_.push_back({.field = std::string(block) + '.' + std::string(field),
                           .message = "a mapping or location is one for all resources and scopes, "
                                      "so they cannot be selected by " +
                                      std::string(field)});
      };
      add("services", !match->services.empty());
      add("resources", !match->resources.empty());
      add("libraries", !match->libraries.empty());
    };
    refuse("include", options.include);
    refuse("exclude", options.exclude);
  }

  void Keep(const ottl::ParseError& error, std::string field, size_t group, size_t index) {
    errors_.push_back({.field = std::move(field),
                       .group = group,
                       .index = index,
                       .inside = RecipeError::Inside{error.offset, error.line, error.column},
                       .message = error.message});
  }

  void AddFilter(const ConditionGroup& group, size_t g, std::optional<Context> context,
                 ottl::ErrorMode mode, const std::vector<size_t>& numbers) {
    std::vector<std::string> texts;
    for (const size_t i : numbers) texts.push_back(group.conditions[i]);
    if (texts.empty()) {
      errors_.push_back({.field = "conditions", .group = g, .message = "there is no condition"});
      return;
    }
    auto made = FilterProgram::Create(texts, {.context = context, .error_mode = mode});
    if (auto* errors = std::get_if<ottl::ParseErrors>(&made)) {
      for (const auto& error : *errors) Keep(error, "conditions", g, numbers[error.statement]);
      return;
    }
    Step([program = std::get<std::shared_ptr<const FilterProgram>>(std::move(made))](
             const TransformReport& report) { return std::make_unique<Filter>(program, report); });
  }

  void AddStatements(const StatementGroup& group, size_t g, ottl::ErrorMode mode, size_t begin,
                     size_t end) {
    const std::vector<std::string> texts(group.statements.begin() + static_cast<ptrdiff_t>(begin),
                                         group.statements.begin() + static_cast<ptrdiff_t>(end));
    auto made = StatementsProgram::Create(group.conditions, texts,
                                          {.context = group.context, .error_mode = mode});
    if (auto* errors = std::get_if<ottl::ParseErrors>(&made)) {
      const size_t conditions = group.conditions.size();
      for (const auto& error : *errors) {
        if (error.statement < conditions) {
          Keep(error, "conditions", g, error.statement);
        } else {
          Keep(error, "statements", g, begin + error.statement - conditions);
        }
      }
      return;
    }
    Step([program = std::get<std::shared_ptr<const StatementsProgram>>(std::move(made))](
             const TransformReport& report) {
      return std::make_unique<Statements>(program, report);
    });
  }

  TransformRecipe& recipe_;
  RecipeErrors errors_;
};

TransformRecipe::Result TransformRecipe::Create(const TransformOptions& options) {
  auto recipe = std::make_shared<TransformRecipe>();
  Builder builder(*recipe);
  std::visit([&builder](const auto& o) { builder.Add(o); }, options);
  RecipeErrors errors = builder.Take();
  if (!errors.empty()) return errors;
  return std::shared_ptr<const TransformRecipe>(std::move(recipe));
}

void TransformRecipe::AddSteps(const TransformReport& report,
                               std::vector<std::unique_ptr<Transform>>& steps) const {
  for (const MakeStep& make : steps_) steps.push_back(make(report));
}

std::unique_ptr<TransformChain> TransformPlan::NewChain(const TransformReport& report) const {
  if (recipes_.empty()) return nullptr;
  std::vector<std::unique_ptr<Transform>> steps;
  PointRule points;
  for (const auto& recipe : recipes_) {
    recipe->AddSteps(report, steps);
    points = Combine(points, recipe->points());
  }
  return std::make_unique<TransformChain>(std::move(steps), points);
}

size_t TransformPlan::frame_filters() const {
  size_t count = 0;
  for (const auto& recipe : recipes_) count += recipe->frame_filters();
  return count;
}

}  // namespace flameway
