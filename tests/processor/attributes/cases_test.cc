// SPDX-License-Identifier: Apache-2.0
// Every configuration of testdata/attributes/cases.txt does here what the Collector did with it.

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "processor/attributes/actions.h"
#include "processor/attributes/redaction.h"
#include "processor/attributes/selection.h"
#include "tests/processor/ottl/memory_subject.h"

namespace flameway::attributes {
namespace {

using ottl::Arena;
using ottl::Entry;
using ottl::Value;

constexpr const char* kCases = "testdata/attributes/cases.txt";

// The span that tests/processor/attributes/collector makes, too.
std::vector<Entry> MakeAttributes(Arena& arena) {
  const Value list[] = {Value::String("secret"), Value::Int(4111)};
  const Entry map[] = {{"password", Value::String("secret")}, {"plain", Value::String("text")}};
  std::vector<Entry> attributes = {{"str", Value::String("text")},
                                   {"card", Value::String("4111 1111")},
                                   {"lines", Value::String("secret\nsecret too")},
                                   {"digits", Value::String("12")},
                                   {"number", Value::String("1.5")},
                                   {"nothing", Value::String("")},
                                   {"user.name", Value::String("Ann Bee")},
                                   {"int", Value::Int(4111)},
                                   {"double", Value::Double(1.5)},
                                   {"yes", Value::Bool(true)},
                                   {"empty", Value()},
                                   {"bytes", Value::Bytes(std::string_view("\0\xff", 2))},
                                   {"list", Value::List(list)},
                                   {"map", Value::Map(map)}};
  for (Entry& entry : attributes) entry.value = arena.DeepCopy(entry.value);
  return attributes;
}

std::map<std::string, std::string> InWords(const std::vector<Entry>& attributes) {
  std::map<std::string, std::string> words;
  for (const Entry& entry : attributes) words.emplace(entry.key, ottl::InWords(entry.value));
  return words;
}

std::string Changes(const std::vector<Entry>& attributes) {
  Arena arena;
  const auto before = InWords(MakeAttributes(arena));
  const auto after = InWords(attributes);
  EXPECT_EQ(after.size(), attributes.size()) << "a key is there twice";
  std::vector<std::string> parts;
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) parts.push_back("-" + key);
  }
  for (const auto& [key, value] : after) {
    const auto old = before.find(key);
    if (old == before.end() || old->second != value) parts.push_back(key + "=" + value);
  }
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const std::string& part : parts) out += out.empty() ? part : "; " + part;
  return out.empty() ? "unchanged" : out;
}

Value ReadValue(const YAML::Node& node, Arena& arena) {
  if (!node.IsDefined() || node.IsNull()) return {};
  if (node.IsSequence()) {
    const auto list = arena.NewList(node.size());
    for (size_t i = 0; i < list.size(); ++i) list[i] = ReadValue(node[i], arena);
    return Value::List(list);
  }
  if (node.IsMap()) {
    const auto map = arena.NewMap(node.size());
    size_t i = 0;
    for (const auto& entry : node) {
      map[i++] = {arena.Copy(entry.first.Scalar()), ReadValue(entry.second, arena)};
    }
    return Value::Map(map);
  }
  const Value text = Value::String(arena.Copy(node.Scalar()));
  if (node.Tag() == "!") return text;  // it was quoted
  int64_t whole = 0;
  double real = 0;
  if (YAML::convert<int64_t>::decode(node, whole)) return Value::Int(whole);
  if (YAML::convert<double>::decode(node, real)) return Value::Double(real);
  if (node.Scalar() == "true" || node.Scalar() == "false") {
    return Value::Bool(node.Scalar() == "true");
  }
  return text;
}

std::string ReadText(const YAML::Node& node) { return node ? node.Scalar() : std::string(); }

std::vector<std::string> ReadTexts(const YAML::Node& node) {
  std::vector<std::string> texts;
  for (const auto& entry : node) texts.push_back(entry.Scalar());
  return texts;
}

std::vector<MatchOptions::Attribute> ReadMatches(const YAML::Node& node, Arena& arena) {
  std::vector<MatchOptions::Attribute> matches;
  for (const auto& entry : node) {
    matches.push_back({ReadText(entry["key"]), ReadValue(entry["value"], arena)});
  }
  return matches;
}

std::optional<MatchOptions> ReadMatch(const YAML::Node& node, Arena& arena) {
  if (!node) return std::nullopt;
  MatchOptions options;
  options.match_type = ReadText(node["match_type"]);
  options.services = ReadTexts(node["services"]);
  options.resources = ReadMatches(node["resources"], arena);
  options.attributes = ReadMatches(node["attributes"], arena);
  for (const auto& library : node["libraries"]) {
    auto& taken = options.libraries.emplace_back();
    taken.name = ReadText(library["name"]);
    if (library["version"]) taken.version = library["version"].Scalar();
  }
  return options;
}

std::string AnswerOfActions(const YAML::Node& config) {
  Arena arena;
  std::vector<ActionOptions> options;
  for (const auto& action : config["actions"]) {
    options.push_back({.action = ReadText(action["action"]),
                       .key = ReadText(action["key"]),
                       .value = ReadValue(action["value"], arena),
                       .default_value = ReadValue(action["default_value"], arena),
                       .pattern = ReadText(action["pattern"]),
                       .from_attribute = ReadText(action["from_attribute"]),
                       .from_context = ReadText(action["from_context"]),
                       .converted_type = ReadText(action["converted_type"])});
  }
  const auto actions = Actions::Create(options);
  const auto selection =
      Selection::Create(ReadMatch(config["include"], arena), ReadMatch(config["exclude"], arena));
  if (!std::holds_alternative<Actions>(actions) || !std::holds_alternative<Selection>(selection)) {
    return "refused";
  }
  const Entry resource[] = {{"service.name", Value::String("shop")}, {"port", Value::Int(80)}};
  std::vector<Entry> attributes = MakeAttributes(arena);
  const MatchSubject subject{resource, "agent", "1.2", attributes};
  if (std::get<Selection>(selection).Selects(subject, arena)) {
    std::get<Actions>(actions).Apply(attributes, arena);
  }
  return Changes(attributes);
}

std::string AnswerOfRedaction(const YAML::Node& config) {
  const auto is_true = [&](const char* key) { return ReadText(config[key]) == "true"; };
  const auto redaction =
      Redaction::Create({.allow_all_keys = is_true("allow_all_keys"),
                         .redact_all_types = is_true("redact_all_types"),
                         .allowed_keys = ReadTexts(config["allowed_keys"]),
                         .ignored_keys = ReadTexts(config["ignored_keys"]),
                         .ignored_key_patterns = ReadTexts(config["ignored_key_patterns"]),
                         .blocked_key_patterns = ReadTexts(config["blocked_key_patterns"]),
                         .blocked_values = ReadTexts(config["blocked_values"]),
                         .allowed_values = ReadTexts(config["allowed_values"]),
                         .hash_function = ReadText(config["hash_function"]),
                         .hmac_key = ReadText(config["hmac_key"]),
                         .summary = ReadText(config["summary"])});
  if (!std::holds_alternative<Redaction>(redaction)) return "refused";
  Arena arena;
  std::vector<Entry> attributes = MakeAttributes(arena);
  std::get<Redaction>(redaction).Apply(attributes, arena);
  return Changes(attributes);
}

TEST(AttributesCasesTest, EveryConfigurationDoesWhatTheCollectorDid) {
  std::ifstream file(kCases);
  ASSERT_TRUE(file) << kCases;
  size_t cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream stream(line);
    std::vector<std::string> fields;
    for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
    std::string expected = fields.at(2);
    if (fields[0].back() == '!') {
      fields[0].pop_back();
      EXPECT_NE(fields.at(3), expected) << "no need for the mark: " << fields[1];
      expected = fields[3];
    }
    const YAML::Node config = YAML::Load(fields[1]);
    EXPECT_EQ(fields[0] == "redaction" ? AnswerOfRedaction(config) : AnswerOfActions(config),
              expected)
        << fields[0] << " " << fields[1];
    ++cases;
  }
  EXPECT_GE(cases, 280u);
}

}  // namespace
}  // namespace flameway::attributes
