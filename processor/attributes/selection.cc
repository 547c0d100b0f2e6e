// SPDX-License-Identifier: Apache-2.0
#include "processor/attributes/selection.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "processor/ottl/text.h"
#include "processor/ottl/value_text.h"

namespace flameway::attributes {
namespace {

using ottl::Kind;
using ottl::Text;

constexpr std::string_view kServiceName = "service.name";
constexpr std::string_view kNoServiceName = "<nil-service-name>";  // the Collector's word for it

// What a pattern is held against. Numbers without an exponent; nothing for bytes, lists, maps, nil.
std::optional<std::string> Matchable(const ottl::Value& value) {
  switch (value.kind()) {
    case Kind::kString:
      return std::string(value.text());
    case Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Kind::kInt:
      return std::to_string(value.as_int());
    case Kind::kDouble: {
      char buffer[400];
      const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value.as_double(),
                                        std::chars_format::fixed);
      return std::string(buffer, result.ptr);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

bool Selection::Words::Match(std::string_view text) const {
  return pattern ? pattern->Matches(text) : text == exact;
}

class Selection::Checker {
 public:
  Checker(std::string_view block, const MatchOptions& options, OptionErrors& errors)
      : block_(block), options_(options), errors_(errors) {}

  Properties Check(ottl::Arena& values) {
    Properties properties;
    if (options_.match_type != "strict" && options_.match_type != "regexp") {
      Fail("match_type", 0,
           Text("match_type is strict or regexp, not \"", options_.match_type, "\""));
      return properties;
    }
    if (options_.services.empty() && options_.resources.empty() && options_.attributes.empty() &&
        options_.libraries.empty()) {
      Fail("", 0, "at least one of services, resources, libraries, attributes is needed");
    }
    for (size_t i = 0; i < options_.services.size(); ++i) {
      properties.services.push_back(Take("services", i, options_.services[i]));
    }
    for (size_t i = 0; i < options_.libraries.size(); ++i) {
      const MatchOptions::Library& library = options_.libraries[i];
      Library& taken = properties.libraries.emplace_back();
      taken.name = Take("libraries", i, library.name);
      if (library.version) taken.version = Take("libraries", i, *library.version);
    }
    properties.resources = TakeAttributes("resources", options_.resources, values);
    properties.attributes = TakeAttributes("attributes", options_.attributes, values);
    return properties;
  }

 private:
  [[nodiscard]] bool IsRegexp() const { return options_.match_type == "regexp"; }

  void Fail(std::string_view field, size_t index, std::string message) {
    errors_.push_back({field.empty() ? std::string(block_) : Text(block_, ".", field), index,
                       std::move(message)});
  }

  std::optional<ottl::Pattern> Compile(std::string_view field, size_t index,
                                       std::string_view expression) {
    auto pattern = ottl::Pattern::Create(expression);
    if (pattern.ok()) return *std::move(pattern);
    Fail(field, index, std::string(pattern.status().message()));
    return std::nullopt;
  }

  Words Take(std::string_view field, size_t index, const std::string& text) {
    Words words{.exact = text};
    if (IsRegexp()) words.pattern = Compile(field, index, text);
    return words;
  }

  std::vector<Attribute> TakeAttributes(std::string_view field,
                                        const std::vector<MatchOptions::Attribute>& attributes,
                                        ottl::Arena& values) {
    std::vector<Attribute> taken;
    for (size_t i = 0; i < attributes.size(); ++i) {
      const MatchOptions::Attribute& attribute = attributes[i];
      if (attribute.key.empty()) Fail(field, i, "key is empty");
      Attribute& entry = taken.emplace_back();
      entry.key = attribute.key;
      entry.value = values.DeepCopy(attribute.value);
      if (!IsRegexp() || attribute.value.is_nil()) continue;
      if (attribute.value.kind() != Kind::kString) {
        Fail(field, i,
             Text("with match_type regexp a value is a string, not ",
                  ottl::KindName(attribute.value.kind())));
        continue;
      }
      entry.pattern = Compile(field, i, attribute.value.text());
    }
    return taken;
  }

  std::string_view block_;
  const MatchOptions& options_;
  OptionErrors& errors_;
};

std::variant<Selection, OptionErrors> Selection::Create(
    const std::optional<MatchOptions>& include, const std::optional<MatchOptions>& exclude) {
  Selection selection;
  OptionErrors errors;
  if (include) {
    selection.include_ = Checker("include", *include, errors).Check(*selection.values_);
    selection.Note(*selection.include_);
  }
  if (exclude) {
    selection.exclude_ = Checker("exclude", *exclude, errors).Check(*selection.values_);
    selection.Note(*selection.exclude_);
  }
  if (!errors.empty()) return errors;
  return selection;
}

void Selection::Note(const Properties& properties) {
  if (!properties.services.empty() || !properties.resources.empty()) {
    contexts_.Add(ottl::Context::kResource);
  }
  if (!properties.libraries.empty()) contexts_.Add(ottl::Context::kScope);
  reads_attributes_ = reads_attributes_ || !properties.attributes.empty();
}

bool Selection::MatchAttributes(const std::vector<Attribute>& wanted,
                                std::span<const ottl::Entry> attributes) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const Attribute& attribute) {
    const ottl::Value* found = ottl::Find(attributes, attribute.key);
    if (found == nullptr) return false;
    if (attribute.pattern) {
      const std::optional<std::string> text = Matchable(*found);
      return text && attribute.pattern->Matches(*text);
    }
    return attribute.value.is_nil() || ottl::Equal(attribute.value, *found);
  });
}

bool Selection::Match(const Properties& properties, const MatchSubject& subject,
                      ottl::Arena& arena) {
  if (!properties.services.empty()) {
    const ottl::Value* service = ottl::Find(subject.resource, kServiceName);
    const std::string_view name =
        service == nullptr ? kNoServiceName : ottl::PlainText(*service, arena);
    if (std::none_of(properties.services.begin(), properties.services.end(),
                     [name](const Words& words) { return words.Match(name); })) {
      return false;
    }
  }
  // The Collector's words say one of the libraries, its code asks for all.
  for (const Library& library : properties.libraries) {
    if (!library.name.Match(subject.scope_name)) return false;
    if (library.version && !library.version->Match(subject.scope_version)) return false;
  }
  return MatchAttributes(properties.resources, subject.resource) &&
         MatchAttributes(properties.attributes, subject.attributes);
}

bool Selection::Selects(const MatchSubject& subject, ottl::Arena& arena) const {
  if (include_ && !Match(*include_, subject, arena)) return false;
  return !exclude_ || !Match(*exclude_, subject, arena);
}

}  // namespace flameway::attributes
