// SPDX-License-Identifier: Apache-2.0
// What is refused when it is parsed, where, and in which words.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "processor/ottl/program.h"

namespace flameway::ottl {
namespace {

using ::testing::HasSubstr;

ParseErrors ErrorsOf(const std::vector<std::string>& statements, CompileOptions options = {}) {
  auto result = StatementList::Compile(statements, options);
  const auto* errors = std::get_if<ParseErrors>(&result);
  return errors == nullptr ? ParseErrors() : *errors;
}

ParseErrors ConditionErrors(const std::string& condition, CompileOptions options = {}) {
  const std::string texts[] = {condition};
  auto result = ConditionList::Compile(texts, options);
  const auto* errors = std::get_if<ParseErrors>(&result);
  return errors == nullptr ? ParseErrors() : *errors;
}

struct Refusal {
  std::string text;
  uint32_t column;
  std::string message;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.text; }

class ConditionRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(ConditionRefusalTest, NamesThePlaceAndTheReason) {
  const ParseErrors errors = ConditionErrors(GetParam().text);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].line, 1u);
  EXPECT_EQ(errors[0].column, GetParam().column) << errors[0].message;
  EXPECT_EQ(errors[0].offset + 1, errors[0].column);
  EXPECT_THAT(errors[0].message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, ConditionRefusalTest,
    ::testing::Values(
        Refusal{"", 1, "expected a value, found the end"},
        Refusal{"true and", 9, "expected a value, found the end"},
        Refusal{"1 == ", 6, "expected a value, found the end"},
        Refusal{"1 = 1", 3, "expected a comparison"},
        Refusal{"true && false", 6, "conjunction is written and"},
        Refusal{"true | false", 6, "disjunction is written or"},
        Refusal{"!true", 1, "negation is written not"}, Refusal{"true AND false", 6, "lower case"},
        Refusal{"(true", 6, "expected \")\", found the end"},
        Refusal{"true)", 5, "unexpected \")\""}, Refusal{"'a' == \"a\"", 1, "double quotes"},
        Refusal{"\"a == 1", 1, "does not end"},
        Refusal{"\"a\\d\" == \"a\"", 3, "unknown escape \"\\\\d\""},
        Refusal{"1 == 0x123", 6, "even number of hex digits"},
        Refusal{"9223372036854775808 == 1", 1, "too large"},
        Refusal{"1.0e999 == 1.0", 1, "too large"},
        Refusal{"Foo == 1", 1, "a function is called with (...)"},
        Refusal{"Len(x => 1) == 1", 7, "lambda"},
        Refusal{"resource.attributes[\"a\" == 1", 25, "expected \"]\""},
        Refusal{"resource.attributes[\"a\"].b == 1", 25, "a path ends with its [...]"},
        Refusal{"resource.Name == 1", 10, "lower case after \".\""},
        Refusal{"1 == 1 == 1", 8, "unexpected \"==\""},
        Refusal{"[1,] == [1]", 4, "expected a value"},
        Refusal{"{1: 2} == nil", 2, "expected a string"},
        Refusal{"\"a\" + \"b\" == \"ab\"", 5, "expected a comparison"},
        Refusal{"1 == \x01", 6, "unexpected character '\\x01'"}));

INSTANTIATE_TEST_SUITE_P(
    Names, ConditionRefusalTest,
    ::testing::Values(
        Refusal{"profile.atributes[\"a\"] == 1", 1, "did you mean \"profile.attributes\"?"},
        Refusal{"1 == profile.perid", 6, "unknown path \"profile.perid\"; did you mean"},
        Refusal{"attributes[\"a\"] == 1", 1, "does not say whose"},
        Refusal{"span.name == \"a\"", 1, "profilesample, frame"},
        Refusal{"x == 1", 1, "does not say whose"},
        Refusal{"resource.attributes.host == 1", 1, "resource.attributes[\"host\"]"},
        Refusal{"profile.time == nil", 1, "use profile.time_unix_nano"},
        Refusal{"profile.attribute_indices == nil", 1, "indices change"},
        Refusal{"otelcol.client.addr == nil", 1, "not kept"},
        Refusal{"scope.name[0] == \"a\"", 12, "cannot be indexed"},
        Refusal{"resource.attributes[0] == 1", 21, "key of an attribute is a string, not int"},
        Refusal{"profilesample.values == [1]", 1, "cannot be compared"},
        Refusal{"frame.type == profile.period", 15, "a frame sees the resource only"},
        Refusal{"IsMath(scope.name, \"a\")", 1,
                "unknown converter \"IsMath\"; did you mean \"IsMatch\"?"},
        Refusal{"isMatch(scope.name, \"a\")", 1, "start in upper case; did you mean \"IsMatch\"?"},
        Refusal{"SHA256(scope.name) == \"a\"", 1, "unknown converter \"SHA256\""},
        Refusal{"1 == FOO", 6, "no enumerations"}, Refusal{"Len(scope.name)", 1, "no bool"},
        Refusal{"IsMatch(scope.name, \"a(\")", 21, "missing )"},
        Refusal{"IsMatch(scope.name, scope.version)", 21, "written out"},
        Refusal{"IsMatch(scope.name)", 1, "needs its argument \"pattern\""},
        Refusal{"IsMatch(scope.name, \"a\", 1)", 26, "at most 2 arguments"},
        Refusal{"IsMatch(scope.name, patern=\"a\")", 28,
                "no argument \"patern\"; did you mean \"pattern\"?"},
        Refusal{"IsMatch(target=scope.name, \"a\")", 28, "follows one with a name"},
        Refusal{"IsMatch(scope.name, target=\"a\")", 28, "given twice"},
        Refusal{"HasPrefix(1, \"a\")", 11, "expected a string, got int"},
        Refusal{"Int(\"x\") == 1", 5, "\"x\" is not an int"},
        Refusal{"Substring(\"a\", 0.5, 1) == \"a\"", 16, "expected an int, got double"},
        Refusal{"Split(scope.name, \",\") == [\"a\"]", 1, "compare its elements"}));

TEST(RefusalTest, PlaceCountsLinesAndBytes) {
  const ParseErrors errors = ConditionErrors("scope.name == \"\xc3\xa9\"\n  and \xc3\xa9");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].line, 2u);
  EXPECT_EQ(errors[0].column, 7u);
  EXPECT_EQ(errors[0].offset, 25u);
  EXPECT_THAT(Describe(errors[0]), HasSubstr("line 2, column 7: "));
}

TEST(RefusalTest, AllErrorsOfAListComeTogether) {
  const ParseErrors errors =
      ErrorsOf({"set(resource.foo, Bar(1)) where Baz(2)", "set(scope.name, \"a\")",
                "delete_kye(scope.attributes, \"a\")", "keep_keys(scope.attributes, [\"a\""});
  std::vector<std::pair<size_t, uint32_t>> places;
  for (const ParseError& error : errors) places.emplace_back(error.statement, error.column);
  EXPECT_THAT(places, ::testing::UnorderedElementsAre(std::pair(0u, 5u), std::pair(0u, 19u),
                                                      std::pair(0u, 33u), std::pair(2u, 1u),
                                                      std::pair(3u, 33u)));
}

struct StatementRefusal {
  std::string text;
  std::string message;
};

void PrintTo(const StatementRefusal& refusal, std::ostream* out) { *out << refusal.text; }

class StatementRefusalTest : public ::testing::TestWithParam<StatementRefusal> {};

TEST_P(StatementRefusalTest, SaysWhy) {
  const ParseErrors errors = ErrorsOf({GetParam().text});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THAT(errors[0].message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Editors, StatementRefusalTest,
    ::testing::Values(
        StatementRefusal{"", "expected an editor"}, StatementRefusal{"true", "expected an editor"},
        StatementRefusal{"IsInt(1)", "is a converter"},
        StatementRefusal{"set(scope.name, \"a\") if true", "expected where or the end"},
        StatementRefusal{"set(scope.name, \"a\")[0]", "no result"},
        StatementRefusal{"set(scope.name, delete_key(scope.attributes, \"a\"))", "as a value"},
        StatementRefusal{"st(scope.name, \"a\")", "unknown editor \"st\"; did you mean \"set\"?"},
        StatementRefusal{"flatten(scope.attributes)", "unknown editor \"flatten\""},
        StatementRefusal{"set(\"a\", 1)", "expected a path"},
        StatementRefusal{"set(frame.type, \"a\")", "read-only"},
        StatementRefusal{"set(profilesample.values, [1])", "read-only"},
        StatementRefusal{"set(scope.name, 1)", "expected string but got int"},
        StatementRefusal{"set(scope.name, nil)", "nil is not supported"},
        StatementRefusal{"set(profile.period, \"1\")", "expected int but got string"},
        StatementRefusal{"set(profile.duration, -1)", "not negative"},
        StatementRefusal{"set(profile.profile_id.string, \"00\")", "32 hex digits"},
        StatementRefusal{"set(scope.attributes, [1])", "expected map but got list"},
        StatementRefusal{"set(resource.attributes[\"a\"], frame.function.name)",
                         "the last frame would win"},
        StatementRefusal{"delete_key(scope.name, \"a\")", "is no map"},
        StatementRefusal{"limit(scope.attributes, -1, [])", "limit is negative"},
        StatementRefusal{"limit(scope.attributes, 1, [\"a\", \"b\"])", "2 priority keys"},
        StatementRefusal{"limit(scope.attributes, \"1\", [])", "expected an int, written out"},
        StatementRefusal{"truncate_all(scope.attributes, 1, true, \"...\")",
                         "longer than the limit"},
        StatementRefusal{"merge_maps(scope.attributes, {}, \"add\")", "not \"add\""},
        StatementRefusal{"replace_all_patterns(scope.attributes, \"values\", \"a\", \"b\")",
                         "not \"values\""},
        StatementRefusal{"replace_pattern(scope.name, \"a\", \"b\", ToLowerCase)", "(...)"},
        StatementRefusal{"replace_pattern(scope.name, \"a\", \"b\", function=SHA256)",
                         "\"function\" is not supported"},
        StatementRefusal{"replace_pattern(scope.name, \"(a)\", \"$1\xc3\xa9\")", "write ${1}"},
        StatementRefusal{"replace_match(scope.name, \"[a\", \"b\")", "not complete"},
        StatementRefusal{"keep_keys(scope.attributes, \"a\")", "expected a list of strings"},
        StatementRefusal{"keep_keys(scope.attributes, [1])", "expected a string"}));

TEST(RefusalTest, DepthAndLengthHaveLimits) {
  const std::string open(70, '(');
  const ParseErrors deep = ConditionErrors(open + "true" + std::string(70, ')'));
  ASSERT_EQ(deep.size(), 1u);
  EXPECT_THAT(deep[0].message, HasSubstr("nested deeper than 64"));
  EXPECT_EQ(deep[0].column, 65u);
  EXPECT_TRUE(ConditionErrors(std::string(64, '(') + "true" + std::string(64, ')')).empty());

  const std::string lists(100'000, '[');
  EXPECT_THAT(ConditionErrors(lists)[0].message, HasSubstr("longer than 65536 bytes"));
  EXPECT_THAT(ConditionErrors(lists.substr(0, 60'000))[0].message, HasSubstr("nested deeper"));
  EXPECT_THAT(ConditionErrors("Len(" + lists.substr(0, 60'000))[0].message,
              HasSubstr("nested deeper"));
}

TEST(RefusalTest, AMapOfManyKeysCostsWhatItHolds) {
  std::string map = "{";
  for (int i = 0; i < 6'000; ++i) map += "\"" + std::to_string(i) + "\":1";
  EXPECT_TRUE(ConditionErrors("Len(" + map + "}) == 6000").empty());
}

TEST(RefusalTest, NilMayBePassedOverAsBefore) {
  EXPECT_TRUE(ErrorsOf({"set(scope.name, nil)"}, {.nil_in_set = NilInSet::kPassedOver}).empty());
}

TEST(RefusalTest, AContextTakesOnlyWhatItSees) {
  EXPECT_EQ(ConditionErrors("profile.period == 1", {.context = Context::kResource}).size(), 1u);
  EXPECT_EQ(ConditionErrors("scope.name == \"a\"", {.context = Context::kResource}).size(), 1u);
  EXPECT_TRUE(
      ConditionErrors("resource.attributes[\"a\"] == 1", {.context = Context::kSample}).empty());
  EXPECT_TRUE(ConditionErrors("profile.period == 1", {.context = Context::kSample}).empty());
  EXPECT_EQ(ConditionErrors("profile.period == 1", {.context = Context::kFrame}).size(), 1u);
}

}  // namespace
}  // namespace flameway::ottl
