// SPDX-License-Identifier: Apache-2.0
// Switches, frame types and the operator's own rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const SymbolOptions& options) {
  const absl::StatusOr<SymbolNormalizer> normalizer = SymbolNormalizer::Create(options);
  return normalizer.ok() ? "" : std::string(normalizer.status().message());
}

TEST(SymbolOptionsTest, EachRuleHasItsOwnNameInItsFamily) {
  std::set<std::string_view> names;
  for (const SymbolRuleRow& row : SymbolRules()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(FindSymbolRule(row.name), row.rule);
    EXPECT_EQ(&SymbolRules()[static_cast<size_t>(row.rule)], &row);
    const std::string_view family = row.name.substr(0, row.name.find('.'));
    EXPECT_EQ(FindSymbolFamily(family), row.family);
    EXPECT_EQ(SymbolFamilyWord(row.family), family);
  }
  EXPECT_EQ(FindSymbolRule("native"), std::nullopt);
  EXPECT_EQ(FindSymbolFamily("native.thunk"), std::nullopt);
}

TEST(SymbolOptionsTest, TheUsersPageListsEachRuleWithItsDefault) {
  std::ifstream page("docs/symbols.md");
  const std::string text(std::istreambuf_iterator<char>(page), {});
  ASSERT_FALSE(text.empty()) << "tests run in the root of the checkout";
  for (const SymbolRuleRow& row : SymbolRules()) {
    const std::string start = "\n| " + std::string(row.id) + " | `" + std::string(row.name) + "`";
    const size_t at = text.find(start);
    ASSERT_NE(at, std::string::npos) << row.id << " " << row.name;
    const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at);
    const std::string_view state = row.state == RuleState::kOn       ? "| on |"
                                   : row.state == RuleState::kOff    ? "| off |"
                                   : row.state == RuleState::kByMode ? "| mode `"
                                   : row.state == RuleState::kAlways ? "| always |"
                                                                     : "| by option |";
    EXPECT_THAT(line, HasSubstr(std::string(state)));
  }
}

TEST(SymbolOptionsTest, FrameTypesAreReadAndWrittenAsTheirWords) {
  for (size_t i = 0; i < kFrameTypeCount; ++i) {
    const auto type = static_cast<FrameType>(i);
    EXPECT_EQ(ParseFrameType(FrameTypeWord(type)), type);
  }
  EXPECT_EQ(ParseFrameType("jvm"), FrameType::kJvm);
  EXPECT_EQ(ParseFrameType("abort-marker"), FrameType::kAbortMarker);
  EXPECT_EQ(ParseFrameType("cobol"), std::nullopt);
}

TEST(SymbolOptionsTest, ARulesOwnSwitchWinsOverItsFamilys) {
  const SymbolNormalizer normalizer = MakeNormalizer({.switches = {{"jvm.proxy", SwitchState::kOn},
                                                                   {"jvm.cglib", SwitchState::kOff},
                                                                   {"jvm.cglib", SwitchState::kOn},
                                                                   {"jvm", SwitchState::kOff}}});
  EXPECT_TRUE(normalizer.IsOn(SymbolRule::kProxy));
  EXPECT_TRUE(normalizer.IsOn(SymbolRule::kCglib));
  EXPECT_FALSE(normalizer.IsOn(SymbolRule::kLambdaForm));
  EXPECT_TRUE(normalizer.IsOn(SymbolRule::kGoShape));
  const SymbolNormalizer back =
      MakeNormalizer({.switches = {{"jvm", SwitchState::kOff}, {"jvm", SwitchState::kOn}}});
  EXPECT_TRUE(back.IsOn(SymbolRule::kLambdaForm));
  EXPECT_FALSE(back.IsOn(SymbolRule::kJvmPackage)) << "a family that is on has its defaults";
}

TEST(SymbolOptionsTest, SwitchesThatMeanNothingAreRefused) {
  EXPECT_THAT(ErrorOf({.switches = {{"native.nope", SwitchState::kOn}}}), HasSubstr("native.nope"));
  EXPECT_THAT(ErrorOf({.switches = {{"native.not_rust", SwitchState::kOff}}}),
              HasSubstr("native.not_rust"));
  EXPECT_THAT(ErrorOf({.switches = {{"native.demangle_full", SwitchState::kOn}}}),
              HasSubstr("demangle mode"));
  EXPECT_THAT(ErrorOf({.switches = {{"paths.trim_prefix", SwitchState::kOn}}}),
              HasSubstr("prefixes"));
  EXPECT_THAT(ErrorOf({.trim_prefixes = {""}}), HasSubstr("trim_prefixes"));
}

TEST(SymbolOptionsTest, TheSimpleModeCanLoseItsCppRule) {
  const SymbolNormalizer normalizer =
      MakeNormalizer({.switches = {{"native.demangle_simple", SwitchState::kOff}}});
  EXPECT_EQ(NameAfter(normalizer, "_ZN3foo3barEi", FrameType::kNative), "_ZN3foo3barEi");
  EXPECT_EQ(NameAfter(normalizer, "_RNvC3foo3bar", FrameType::kNative), "foo::bar");
}

TEST(CustomRulesTest, RunInOrderAfterOurOwnRules) {
  const SymbolNormalizer normalizer = MakeNormalizer(
      {.rules = {{.name = "one", .pattern = "^foo::(\\w+)$", .replacement = "bar::\\1"},
                 {.name = "two", .pattern = "ba[rz]", .replacement = "qux"}}});
  // `two` does not match the text as it was when the rules were asked.
  EXPECT_EQ(NameAfter(normalizer, "_ZN3foo1fEi", FrameType::kNative), "bar::f");
  EXPECT_EQ(NameAfter(normalizer, "_ZN3foo3bazEi", FrameType::kNative), "qux::qux");
  EXPECT_EQ(NameAfter(normalizer, "bar_baz", FrameType::kNative), "qux_qux");
  EXPECT_EQ(NameAfter(normalizer, "other", FrameType::kNative), "other");
}

TEST(CustomRulesTest, AreGatedByFrameTypeAndKindOfText) {
  const SymbolNormalizer normalizer = MakeNormalizer(
      {.rules = {{.pattern = "secret", .replacement = "name", .gate = {FrameType::kRuby}},
                 {.pattern = "secret", .replacement = "file", .target = CustomTarget::kFile},
                 {.pattern = "secret", .replacement = "map", .target = CustomTarget::kMapping}}});
  EXPECT_EQ(NameAfter(normalizer, "secret", FrameType::kRuby), "name");
  EXPECT_EQ(NameAfter(normalizer, "secret", FrameType::kPhp), "secret");
  EXPECT_EQ(normalizer.NormalizeFileName("/secret"), "/file");
  EXPECT_EQ(normalizer.NormalizeMappingName("/secret"), "/map");
}

TEST(CustomRulesTest, SeeTheTypeAMarkTold) {
  const SymbolNormalizer normalizer = MakeNormalizer(
      {.rules = {{.pattern = "^foo$", .replacement = "bar", .gate = {FrameType::kKernel}}}});
  EXPECT_EQ(NameAfter(normalizer, "foo_[k]", FrameType::kAbsent), "bar");
}

TEST(CustomRulesTest, MistakesNameTheRuleAndItsPlace) {
  const CustomRule good{.name = "good", .pattern = "a", .replacement = "b"};
  EXPECT_THAT(ErrorOf({.rules = {good, {.name = "broken", .pattern = "a(b"}}}),
              HasSubstr("rules[1] (broken): pattern: missing )"));
  EXPECT_THAT(ErrorOf({.rules = {good, good, {.pattern = "(a)", .replacement = "\\2"}}}),
              HasSubstr("rules[2] (unnamed): replacement"));
  EXPECT_THAT(ErrorOf({.rules = {{.name = "f", .pattern = "[", .target = CustomTarget::kFile}}}),
              HasSubstr("rules[0] (f): pattern: missing ]"));
  // One that is empty would match between all characters.
  EXPECT_THAT(ErrorOf({.rules = {{.name = "e", .replacement = "x"}}}),
              HasSubstr("rules[0] (e): pattern: a pattern is needed"));
}

TEST(CustomRulesTest, TwoHundredRulesFindTheOneThatMatches) {
  SymbolOptions options;
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(i);
    options.rules.push_back({.name = number,
                             .pattern = "^service" + number + "\\..*handle(\\d+)$",
                             .replacement = "handler" + number});
  }
  const SymbolNormalizer normalizer = MakeNormalizer(options);
  EXPECT_EQ(NameAfter(normalizer, "service137.a.b.handle9", FrameType::kJvm), "handler137");
  EXPECT_EQ(NameAfter(normalizer, "service200.handle9", FrameType::kJvm), "service200.handle9");
}

TEST(CustomRulesTest, AreSafeOnTextThatIsNotUtf8AndStayWithinTheCap) {
  const SymbolNormalizer normalizer = MakeNormalizer(
      {.rules = {{.pattern = "a", .replacement = "\\0\\0\\0\\0"}}, .max_name_bytes = 100});
  EXPECT_EQ(NameAfter(normalizer, std::string(90, 'a'), FrameType::kNative).size(), 100u);
  EXPECT_EQ(NameAfter(normalizer,
                      "\xFF"
                      "b",
                      FrameType::kNative),
            "\xFF"
            "b");
}

}  // namespace
}  // namespace flameway
