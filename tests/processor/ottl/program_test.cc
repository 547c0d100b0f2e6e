// SPDX-License-Identifier: Apache-2.0
// What a compiled program tells about itself, how it fails, and what it does with each path.

#include "processor/ottl/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "processor/ottl/converters.h"
#include "processor/ottl/editors.h"
#include "processor/ottl/text.h"
#include "tests/processor/ottl/memory_subject.h"

namespace flameway::ottl {
namespace {

using ::testing::ElementsAre;

ConditionList Conditions(const std::vector<std::string>& texts, CompileOptions options = {}) {
  auto result = ConditionList::Compile(texts, options);
  if (auto* errors = std::get_if<ParseErrors>(&result)) {
    ADD_FAILURE() << Describe(errors->at(0));
    return {};
  }
  return std::get<ConditionList>(std::move(result));
}

StatementList Statements(const std::vector<std::string>& texts, CompileOptions options = {}) {
  auto result = StatementList::Compile(texts, options);
  if (auto* errors = std::get_if<ParseErrors>(&result)) {
    ADD_FAILURE() << Describe(errors->at(0));
    return {};
  }
  return std::get<StatementList>(std::move(result));
}

class ProgramTest : public ::testing::Test {
 protected:
  void Set(PathId path, const Value& value) { ASSERT_TRUE(subject_.Set(path, value).ok()); }
  void Attribute(PathId path, std::string_view key, const Value& value) {
    ASSERT_TRUE(subject_.SetKey(path, key, value).ok());
  }
  bool Holds(const std::string& condition, CompileOptions options = {}) {
    const ConditionList list = Conditions({condition}, options);
    const auto holds = list.AnyHolds(subject_, arena_, ErrorMode::kPropagate, kUnexpected);
    EXPECT_TRUE(holds.ok()) << condition << ": " << holds.status();
    return holds.ok() && *holds;
  }
  void Run(const std::vector<std::string>& statements, CompileOptions options = {}) {
    const absl::Status status = Statements(statements, options)
                                    .Execute(subject_, arena_, ErrorMode::kPropagate, kUnexpected);
    EXPECT_TRUE(status.ok()) << status;
  }
  std::string Words(PathId path) { return InWords(subject_.Get(path, arena_)); }

  static void kUnexpected(size_t index, const absl::Status& why) {
    ADD_FAILURE() << index << ": " << why;
  }

  MemorySubject subject_;
  Arena arena_;
};

TEST_F(ProgramTest, EveryPathIsReadAndWritten) {
  struct Case {
    PathId path;
    std::string literal;
    std::string words;
  };
  const Case cases[] = {
      {PathId::kResourceSchemaUrl, "\"u\"", "\"u\""},
      {PathId::kResourceDroppedAttributesCount, "4294967297", "1"},
      {PathId::kScopeName, "\"n\"", "\"n\""},
      {PathId::kScopeVersion, "\"v\"", "\"v\""},
      {PathId::kScopeSchemaUrl, "\"u\"", "\"u\""},
      {PathId::kScopeDroppedAttributesCount, "2", "2"},
      {PathId::kProfileId, "\"000102030405060708090a0b0c0d0e0f\"",
       "\"000102030405060708090a0b0c0d0e0f\""},
      {PathId::kProfileDroppedAttributesCount, "3", "3"},
      {PathId::kProfileTime, "1700000000000000000", "1700000000000000000"},
      {PathId::kProfileDuration, "5", "5"},
      {PathId::kProfileSampleTypeType, "\"cpu\"", "\"cpu\""},
      {PathId::kProfileSampleTypeUnit, "\"ns\"", "\"ns\""},
      {PathId::kProfilePeriodTypeType, "\"cpu\"", "\"cpu\""},
      {PathId::kProfilePeriodTypeUnit, "\"ns\"", "\"ns\""},
      {PathId::kProfilePeriod, "19", "19"},
      {PathId::kProfileOriginalPayloadFormat, "\"jfr\"", "\"jfr\""},
      {PathId::kProfileOriginalPayload, "0x0aff", "0x0aff"},
      {PathId::kFrameFunctionName, "\"f\"", "\"f\""},
      {PathId::kFrameFunctionSystemName, "\"_Z1f\"", "\"_Z1f\""},
      {PathId::kFrameFunctionFilename, "\"f.cc\"", "\"f.cc\""},
      {PathId::kFrameMappingFilename, "\"libf.so\"", "\"libf.so\""},
  };
  for (const Case& c : cases) {
    const std::string path(TraitsOf(c.path).text);
    Run({"set(" + path + ", " + c.literal + ")"});
    EXPECT_EQ(Words(c.path), c.words) << path;
    if (c.path != PathId::kResourceDroppedAttributesCount) {
      EXPECT_TRUE(Holds(path + " == " + c.literal)) << path;
    }
  }
  for (const PathId path :
       {PathId::kResourceAttributes, PathId::kResourceCache, PathId::kScopeAttributes,
        PathId::kScopeCache, PathId::kProfileAttributes, PathId::kProfileCache,
        PathId::kSampleAttributes, PathId::kSampleCache}) {
    const std::string text(TraitsOf(path).text);
    Run({"set(" + text + "[\"k\"], 1)"});
    EXPECT_EQ(Words(path), "{k: 1}") << text;
    EXPECT_TRUE(Holds(text + "[\"k\"] == 1")) << text;
  }
  const Value values[] = {Value::Int(3), Value::Int(4)};
  Set(PathId::kSampleValues, Value::List(values));
  Set(PathId::kSampleTimestamps, Value::List(std::span(values).first(1)));
  EXPECT_TRUE(Holds("Len(profilesample.values) == 2"));
  EXPECT_TRUE(Holds("Concat(profilesample.values, \"+\") == \"3+4\""));
  EXPECT_TRUE(Holds("Len(profilesample.timestamps_unix_nano) == 1"));
  Set(PathId::kFrameType, Value::String("native"));
  Set(PathId::kFrameLine, Value::Int(7));
  EXPECT_TRUE(Holds("frame.type == \"native\" and frame.line > 6"));
}

TEST_F(ProgramTest, OlderNamesAreTheSamePaths) {
  Set(PathId::kScopeName, Value::String("n"));
  Set(PathId::kProfileDuration, Value::Int(9));
  EXPECT_TRUE(Holds("instrumentation_scope.name == \"n\""));
  EXPECT_TRUE(Holds("profile.duration == 9 and profile.duration_unix_nano == 9"));
}

TEST_F(ProgramTest, PathsWithoutContextBelongToTheOneThatIsGiven) {
  Attribute(PathId::kProfileAttributes, "a", Value::Int(1));
  Attribute(PathId::kResourceAttributes, "a", Value::Int(2));
  Set(PathId::kFrameFunctionName, Value::String("main"));
  EXPECT_TRUE(Holds("attributes[\"a\"] == 1", {.context = Context::kProfile}));
  EXPECT_TRUE(Holds("attributes[\"a\"] == 2", {.context = Context::kResource}));
  EXPECT_TRUE(Holds("attributes[\"a\"] == 1 and resource.attributes[\"a\"] == 2",
                    {.context = Context::kProfile}));
  EXPECT_TRUE(Holds("function.name == \"main\"", {.context = Context::kFrame}));
}

TEST_F(ProgramTest, TheInnermostContextThatIsNamedIsTheOneOfTheList) {
  EXPECT_EQ(Conditions({"resource.attributes[\"a\"] == 1", "scope.name == \"a\""}).context(),
            Context::kScope);
  EXPECT_EQ(Conditions({"profilesample.attributes[\"a\"] == profile.period"}).context(),
            Context::kSample);
  EXPECT_EQ(Conditions({"frame.line == 1", "resource.schema_url == \"\""}).context(),
            Context::kFrame);
  EXPECT_EQ(Conditions({"true"}).context(), Context::kResource);
  EXPECT_EQ(Statements({"set(resource.attributes[\"a\"], 1) where profile.period == 1"}).context(),
            Context::kProfile);
  const std::string conditions[] = {"scope.name == \"a\"", "broken("};
  const std::string statements[] = {"set(resource.attributes[\"a\"], 1)"};
  EXPECT_EQ(InnermostContext(conditions, statements), Context::kScope);
  EXPECT_EQ(InnermostContext({}, {}), std::nullopt);
}

TEST_F(ProgramTest, FootprintTellsWhatIsReadAndWritten) {
  const StatementList list = Statements(
      {"set(profile.attributes[\"to\"], resource.attributes[\"from\"]) where scope.name == \"a\" "
       "or scope.name == \"b\"",
       "delete_key(profile.attributes, \"x\")", "set(profile.attributes[\"m\"][\"n\"], 1)",
       "set(profile.attributes[scope.version], 1)"});
  const Footprint& first = list.statements()[0].footprint();
  EXPECT_THAT(first.reads, ElementsAre(PathUse{PathId::kResourceAttributes, "from"},
                                       PathUse{PathId::kScopeName, std::nullopt}));
  EXPECT_THAT(first.writes, ElementsAre(PathUse{PathId::kProfileAttributes, "to"}));
  EXPECT_EQ(first.contexts_read, (ContextSet{Context::kResource, Context::kScope}));
  EXPECT_EQ(first.contexts_written, ContextSet{Context::kProfile});
  EXPECT_THAT(list.statements()[0].where_footprint().reads,
              ElementsAre(PathUse{PathId::kScopeName, std::nullopt}));

  EXPECT_THAT(list.statements()[1].footprint().reads,
              ElementsAre(PathUse{PathId::kProfileAttributes, std::nullopt}));
  EXPECT_THAT(list.statements()[2].footprint().reads,
              ElementsAre(PathUse{PathId::kProfileAttributes, "m"}));
  EXPECT_THAT(list.statements()[3].footprint().writes,
              ElementsAre(PathUse{PathId::kProfileAttributes, std::nullopt}));
  EXPECT_THAT(list.statements()[3].footprint().reads,
              ElementsAre(PathUse{PathId::kScopeVersion, std::nullopt}));
  EXPECT_EQ(list.footprint().contexts_read,
            (ContextSet{Context::kResource, Context::kScope, Context::kProfile}));
}

TEST_F(ProgramTest, AConditionOnTheResourceTouchesNothingElse) {
  const ConditionList list = Conditions({"resource.attributes[\"env\"] == \"dev\""});
  EXPECT_TRUE(list.footprint().contexts_read.Within({Context::kResource}));
  EXPECT_TRUE(list.footprint().contexts_written.empty());
  Attribute(PathId::kResourceAttributes, "env", Value::String("dev"));
  const int before = subject_.reads();
  EXPECT_TRUE(*list.AnyHolds(subject_, arena_, ErrorMode::kSilent, kUnexpected));
  EXPECT_EQ(subject_.reads(), before + 1);
}

TEST_F(ProgramTest, FailuresAreToldPassedOverOrEnd) {
  const std::vector<std::string> texts = {"Len(resource.attributes[\"no\"]) == 1", "1 == 2",
                                          "resource.schema_url == \"\""};
  const ConditionList list = Conditions(texts);
  std::vector<size_t> told;
  const auto report = [&told](size_t index, const absl::Status& why) {
    EXPECT_THAT(std::string(why.message()), ::testing::HasSubstr("Len: a nil has no length"));
    told.push_back(index);
  };
  EXPECT_TRUE(*list.AnyHolds(subject_, arena_, ErrorMode::kIgnore, report));
  EXPECT_THAT(told, ElementsAre(0u));
  EXPECT_TRUE(*list.AnyHolds(subject_, arena_, ErrorMode::kSilent, report));
  EXPECT_THAT(told, ElementsAre(0u));
  EXPECT_FALSE(list.AnyHolds(subject_, arena_, ErrorMode::kPropagate, report).ok());
  EXPECT_EQ(ErrorModeNamed("ignore"), ErrorMode::kIgnore);
  EXPECT_EQ(ErrorModeNamed("silent"), ErrorMode::kSilent);
  EXPECT_EQ(ErrorModeNamed("propagate"), ErrorMode::kPropagate);
  EXPECT_EQ(ErrorModeNamed("Ignore"), std::nullopt);
}

TEST_F(ProgramTest, AFailedStatementLeavesTheOthersAlone) {
  const StatementList list =
      Statements({"set(scope.name, \"a\")", "set(scope.version, resource.attributes[\"no\"])",
                  "set(scope.schema_url, \"c\")"});
  std::vector<size_t> told;
  const auto report = [&told](size_t index, const absl::Status&) { told.push_back(index); };
  EXPECT_FALSE(list.Execute(subject_, arena_, ErrorMode::kPropagate, report).ok());
  EXPECT_EQ(Words(PathId::kScopeName), "\"a\"");
  EXPECT_EQ(Words(PathId::kScopeSchemaUrl), "\"\"");
  EXPECT_TRUE(list.Execute(subject_, arena_, ErrorMode::kSilent, report).ok());
  EXPECT_TRUE(told.empty());
  EXPECT_TRUE(list.Execute(subject_, arena_, ErrorMode::kIgnore, report).ok());
  EXPECT_THAT(told, ElementsAre(1u));
  EXPECT_EQ(Words(PathId::kScopeSchemaUrl), "\"c\"");
}

TEST_F(ProgramTest, NilIsStoredOrPassedOver) {
  Attribute(PathId::kProfileAttributes, "a", Value::Int(1));
  const std::vector<std::string> texts = {
      "set(profile.attributes[\"a\"], profile.attributes[\"missing\"])"};
  Run(texts, {.nil_in_set = NilInSet::kPassedOver});
  EXPECT_EQ(Words(PathId::kProfileAttributes), "{a: 1}");
  Run(texts);
  EXPECT_EQ(Words(PathId::kProfileAttributes), "{a: nil}");
}

TEST_F(ProgramTest, StatementsRunInOrderAndSeeEachOther) {
  Set(PathId::kFrameFunctionName, Value::String("std::vector<int>::push_back"));
  Run({"replace_pattern(frame.function.name, \"<[^<>]*>\", \"\")",
       "set(frame.function.system_name, frame.function.name)",
       "replace_match(frame.function.filename, \"\", \"?\") where IsMatch(frame.function.name, "
       "\"^std::\")"});
  EXPECT_EQ(Words(PathId::kFrameFunctionName), "\"std::vector::push_back\"");
  EXPECT_EQ(Words(PathId::kFrameFunctionSystemName), "\"std::vector::push_back\"");
  EXPECT_EQ(Words(PathId::kFrameFunctionFilename), "\"?\"");
}

TEST_F(ProgramTest, WhatChangesNothingIsNotSet) {
  Attribute(PathId::kProfileAttributes, "a", Value::String("text"));
  const int before = subject_.writes();
  Run({"delete_key(profile.attributes, \"x\")", "keep_keys(profile.attributes, [\"a\"])",
       "limit(profile.attributes, 5, [])", "truncate_all(profile.attributes, 10)",
       "replace_all_patterns(profile.attributes, \"value\", \"z\", \"y\")",
       "replace_all_patterns(profile.attributes, \"key\", \"z\", \"y\")",
       "delete_matching_keys(profile.attributes, \"z\")",
       "replace_pattern(profile.attributes[\"a\"], \"z\", \"y\")"});
  EXPECT_EQ(subject_.writes(), before);
}

TEST_F(ProgramTest, TheOrderOfAttributesStays) {
  for (const char* key : {"d", "a", "c", "b"}) {
    Attribute(PathId::kProfileAttributes, key, Value::Int(1));
  }
  const auto keys = [this] {
    std::string joined;
    for (const Entry& entry : subject_.Get(PathId::kProfileAttributes, arena_).map()) {
      joined += entry.key;
    }
    return joined;
  };
  Run({"merge_maps(profile.attributes, {\"e\": 2, \"a\": 3}, \"upsert\")"});
  EXPECT_EQ(keys(), "dacbe");
  Run({"limit(profile.attributes, 3, [\"b\"])"});
  EXPECT_EQ(keys(), "dab");
  Run({"replace_all_patterns(profile.attributes, \"key\", \"[ab]\", \"x\")"});
  EXPECT_EQ(keys(), "dx");
}

TEST(DocumentationTest, NamesEveryPathAndFunction) {
  std::ifstream file("docs/ottl.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  constexpr std::string_view kPaths[] = {
#define FLAMEWAY_PATH(enumerator, context, text, type, access) text,
#include "processor/ottl/paths.def"
#undef FLAMEWAY_PATH
  };
  for (const std::string_view path : kPaths) {
    EXPECT_NE(page.find(Text("`", path, "`")), std::string::npos) << path;
  }
  for (const std::span<const Function> functions : {Converters(), Editors()}) {
    for (const Function& function : functions) {
      EXPECT_NE(page.find(Text("`", function.name, "(")), std::string::npos) << function.name;
      for (const Parameter& parameter : function.parameters) {
        EXPECT_NE(page.find(parameter.name), std::string::npos) << parameter.name;
      }
    }
  }
}

TEST_F(ProgramTest, AListIsNotMadeLongWithoutLimit) {
  const StatementList list = Statements({"set(profile.cache[\"l\"][1000000000], 1)"});
  const absl::Status status = list.Execute(subject_, arena_, ErrorMode::kPropagate, kUnexpected);
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace flameway::ottl
