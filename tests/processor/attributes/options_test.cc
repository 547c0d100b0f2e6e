// SPDX-License-Identifier: Apache-2.0
// What configurations are refused for, where, and what one run of a processor leaves for the next.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "processor/attributes/actions.h"
#include "processor/attributes/redaction.h"
#include "processor/attributes/selection.h"
#include "processor/ottl/value_text.h"
#include "tests/processor/ottl/memory_subject.h"

namespace flameway::attributes {
namespace {

using ottl::Arena;
using ottl::Entry;
using ottl::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

template <typename Made>
OptionErrors ErrorsOf(const std::variant<Made, OptionErrors>& result) {
  const auto* errors = std::get_if<OptionErrors>(&result);
  return errors == nullptr ? OptionErrors() : *errors;
}

template <typename Made>
std::vector<std::string> PlacesOf(const std::variant<Made, OptionErrors>& result) {
  std::vector<std::string> places;
  for (const OptionError& error : ErrorsOf(result)) {
    EXPECT_FALSE(error.message.empty());
    places.push_back(error.field + "[" + std::to_string(error.index) + "]");
  }
  return places;
}

TEST(OptionsTest, EveryMistakeOfEveryActionIsNamed) {
  const ActionOptions options[] = {{.action = "insrt", .key = "a"},
                                   {.action = "insert", .pattern = "x"},
                                   {.action = "delete"},
                                   {.action = "hash", .pattern = "("},
                                   {.action = "extract", .key = "a", .pattern = "(b)"},
                                   {.action = "convert", .key = "a", .converted_type = "bool"},
                                   {.action = "upsert", .key = "a", .from_context = "metadata.x"}};
  const auto result = Actions::Create(options);
  EXPECT_THAT(PlacesOf(result),
              ElementsAre("action[0]", "key[1]", "value[1]", "pattern[1]", "key[2]", "pattern[3]",
                          "pattern[4]", "converted_type[5]", "from_context[6]"));
  EXPECT_THAT(ErrorsOf(result)[0].message, HasSubstr("did you mean \"insert\"?"));
  EXPECT_THAT(ErrorsOf(result)[8].message, HasSubstr("one batch joins the requests"));
  EXPECT_THAT(PlacesOf(Actions::Create({})), ElementsAre("[0]"));
}

TEST(OptionsTest, EveryMistakeOfAMatchIsNamed) {
  const MatchOptions include{.match_type = "regexp",
                             .services = {"a", "("},
                             .resources = {{"", Value()}, {"k", Value::Int(1)}},
                             .libraries = {{"[", "1"}}};
  const MatchOptions exclude{.match_type = "strict"};
  EXPECT_THAT(PlacesOf(Selection::Create(include, exclude)),
              ElementsAre("include.services[1]", "include.libraries[0]", "include.resources[0]",
                          "include.resources[1]", "exclude[0]"));
  EXPECT_THAT(PlacesOf(Selection::Create(MatchOptions{.match_type = "exact"}, std::nullopt)),
              ElementsAre("include.match_type[0]"));
}

TEST(OptionsTest, EveryMistakeOfARedactionIsNamed) {
  EXPECT_THAT(PlacesOf(Redaction::Create({.ignored_key_patterns = {"a", "("},
                                          .blocked_key_patterns = {"("},
                                          .blocked_values = {"["},
                                          .allowed_values = {"*"},
                                          .hash_function = "hmac-sha256",
                                          .hmac_key = "short",
                                          .summary = "all"})),
              ElementsAre("ignored_key_patterns[1]", "blocked_key_patterns[0]", "blocked_values[0]",
                          "allowed_values[0]", "hmac_key[0]", "summary[0]"));
  EXPECT_THAT(ErrorsOf(Redaction::Create({.hash_function = "sha-1"}))[0].message,
              HasSubstr("did you mean \"sha1\"?"));
}

TEST(OptionsTest, ASelectionTellsWhatItLooksAt) {
  const auto selection = Selection::Create(
      MatchOptions{.match_type = "strict", .services = {"a"}},
      MatchOptions{.match_type = "strict", .attributes = {{"k", Value()}}, .libraries = {{"l"}}});
  const auto& made = std::get<Selection>(selection);
  EXPECT_EQ(made.contexts(), (ottl::ContextSet{ottl::Context::kResource, ottl::Context::kScope}));
  EXPECT_TRUE(made.reads_attributes());
  EXPECT_FALSE(std::get<Selection>(Selection::Create({}, {})).reads_attributes());
}

TEST(OptionsTest, BlockedTextIsFoundInBytesAndBehindEscapes) {
  const std::string bytes(
      "\xff\x00"
      "pa\"ss\xfe",
      8);
  const Value list[] = {Value::String("a pa\"ss x"), Value::Int(7)};
  for (const bool all : {false, true}) {
    const auto made = Redaction::Create(
        {.allow_all_keys = true, .redact_all_types = all, .blocked_values = {"pa\"ss", "7"}});
    Arena arena;
    std::vector<Entry> attributes = {{"bytes", Value::Bytes(bytes)}, {"list", Value::List(list)}};
    std::get<Redaction>(made).Apply(attributes, arena);
    for (const Entry& entry : attributes) {
      const std::string text(ottl::PlainText(entry.value, arena));
      EXPECT_THAT(text, Not(HasSubstr("ss")));
      EXPECT_THAT(ottl::InWords(entry.value), Not(HasSubstr("ss")));
    }
    if (!all) {
      EXPECT_EQ(attributes[0].value.text(), std::string("\xff\x00"
                                                        "****\xfe",
                                                        7));
    }
  }
}

TEST(OptionsTest, ASecondRedactionAddsToTheSummaryOfTheFirst) {
  const auto first =
      Redaction::Create({.allow_all_keys = true, .blocked_values = {"one"}, .summary = "debug"});
  const auto second =
      Redaction::Create({.allow_all_keys = true, .blocked_values = {"two"}, .summary = "debug"});
  Arena arena;
  std::vector<Entry> attributes = {
      {"c", Value::String("one")}, {"a", Value::String("two")}, {"b", Value::String("two")}};
  std::get<Redaction>(first).Apply(attributes, arena);
  std::get<Redaction>(second).Apply(attributes, arena);
  EXPECT_EQ(ottl::InWords(Value::Map(attributes)),
            "{a: \"****\", b: \"****\", c: \"****\", redaction.masked.count: 3, "
            "redaction.masked.keys: \"a,b,c\"}");
  // Nothing is left to mask, so nothing is counted again.
  const std::string once = ottl::InWords(Value::Map(attributes));
  std::get<Redaction>(second).Apply(attributes, arena);
  EXPECT_EQ(ottl::InWords(Value::Map(attributes)), once);
}

TEST(OptionsTest, ValuesOfTheOptionsMayGo) {
  std::optional<std::variant<Actions, OptionErrors>> actions;
  {
    const std::string text = "a text too long to be kept inside a string object";
    const Value list[] = {Value::String(text)};
    const ActionOptions options[] = {{.action = "insert", .key = "k", .value = Value::List(list)}};
    actions = Actions::Create(options);
  }
  Arena arena;
  std::vector<Entry> attributes;
  std::get<Actions>(*actions).Apply(attributes, arena);
  EXPECT_EQ(ottl::InWords(Value::Map(attributes)),
            "{k: [\"a text too long to be kept inside a string object\"]}");
}

}  // namespace
}  // namespace flameway::attributes
