// SPDX-License-Identifier: Apache-2.0
// Conditions and statements on the rows of a batch: each context sees what it should, in the state
// that the steps before it left, and what cannot be done is refused beforehand.
#include "processor/transform/ottl_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/processor/transform/run_transforms.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::unique_ptr<Filter> FilterOf(const std::vector<std::string>& conditions,
                                 const OttlStepOptions& options = {}) {
  auto program = FilterProgram::Create(conditions, options);
  EXPECT_TRUE(std::holds_alternative<std::shared_ptr<const FilterProgram>>(program));
  return std::make_unique<Filter>(std::get<0>(std::move(program)), nullptr);
}

std::unique_ptr<Statements> StatementsOf(const std::vector<std::string>& statements,
                                         const std::vector<std::string>& conditions = {},
                                         const OttlStepOptions& options = {},
                                         TransformReport report = nullptr) {
  auto program = StatementsProgram::Create(conditions, statements, options);
  EXPECT_TRUE(std::holds_alternative<std::shared_ptr<const StatementsProgram>>(program));
  return std::make_unique<Statements>(std::get<0>(std::move(program)), std::move(report));
}

std::string Refusal(const std::vector<std::string>& statements,
                    const OttlStepOptions& options = {}) {
  auto program = StatementsProgram::Create({}, statements, options);
  auto* errors = std::get_if<ottl::ParseErrors>(&program);
  return errors == nullptr ? std::string() : ottl::Describe(errors->front());
}

schema::Profile& ProfileOf(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles(0);
}

// The attributes of the first sample as "key=value".
std::vector<std::string> SampleAttributes(ExportProfilesServiceRequest& request) {
  std::vector<std::string> texts;
  const auto& tables = request.dictionary();
  for (const int index : ProfileOf(request).samples(0).attribute_indices()) {
    const auto& row = tables.attribute_table(index);
    texts.push_back(tables.string_table(row.key_strindex()) + "=" + row.value().string_value());
  }
  return texts;
}

std::string FunctionName(const ExportProfilesServiceRequest& request) {
  return request.dictionary().string_table(request.dictionary().function_table(1).name_strindex());
}

TEST(FilterTest, DropsResourcesScopesProfilesAndSamples) {
  for (const char* condition :
       {R"(resource.attributes["service.name"] == "checkout")", R"(scope.name == "agent")",
        R"(profile.sample_type.type == "cpu")",
        R"(profilesample.attributes["thread.name"] == "worker-1")",
        R"(profilesample.attributes["thread.name"] != nil and resource.schema_url != "")"}) {
    SCOPED_TRACE(condition);
    EXPECT_THAT(RunTransform({SmallRequest()}, FilterOf({condition})).resource_profiles(),
                IsEmpty());
  }
}

TEST(FilterTest, KeepsWhatNoConditionHoldsFor) {
  const auto request = SmallRequest();
  for (const char* condition :
       {R"(resource.attributes["service.name"] == "cart")", R"(scope.version == "2.0")",
        R"(profile.period == 1)", R"(profilesample.attributes["absent"] != nil)",
        R"(frame.function.name == "other")"}) {
    SCOPED_TRACE(condition);
    const auto out = RunTransform({request}, FilterOf({condition}));
    EXPECT_EQ(Expand({Serialize(request)}), Expand({Serialize(out)}));
  }
}

TEST(FilterTest, TakesFramesOutOfTheirStacks) {
  auto request = SmallRequest();
  auto& tables = *request.mutable_dictionary();
  tables.add_string_table("runtime.goexit");
  tables.add_function_table()->set_name_strindex(tables.string_table_size() - 1);
  tables.add_location_table()->add_lines()->set_function_index(2);
  tables.mutable_stack_table(1)->add_location_indices(2);
  auto out = RunTransform({request}, FilterOf({R"(frame.function.name == "runtime.goexit")"}));
  EXPECT_THAT(out.dictionary().stack_table(1).location_indices(), SizeIs(1));
  EXPECT_THAT(out.dictionary().string_table(), Not(Contains("runtime.goexit")));
}

TEST(FilterTest, TakesInlinedLinesOutOfTheirFrame) {
  auto request = SmallRequest();
  auto& tables = *request.mutable_dictionary();
  tables.add_string_table("inlined");
  tables.add_function_table()->set_name_strindex(tables.string_table_size() - 1);
  tables.mutable_location_table(1)->add_lines()->set_function_index(2);
  auto out = RunTransform({request}, FilterOf({R"(frame.function.name == "inlined")"}));
  ASSERT_THAT(out.dictionary().stack_table(1).location_indices(), SizeIs(1));
  EXPECT_THAT(out.dictionary().location_table(1).lines(), SizeIs(1));
  EXPECT_EQ(FunctionName(out), "main");
}

TEST(StatementsTest, EditEachContext) {
  auto request = SmallRequest();
  auto out = RunTransform({request}, StatementsOf({R"(set(resource.attributes["env"], "prod"))"}));
  EXPECT_EQ(out.resource_profiles(0).resource().attributes(1).value().string_value(), "prod");
  out = RunTransform({request}, StatementsOf({R"(set(scope.version, "2"))"}));
  EXPECT_EQ(out.resource_profiles(0).scope_profiles(0).scope().version(), "2");
  out = RunTransform({request}, StatementsOf({R"(set(profile.period, profile.period * 2))"}));
  EXPECT_EQ(ProfileOf(out).period(), 100'000'000);
  out = RunTransform({request},
                     StatementsOf({R"(delete_key(profilesample.attributes, "thread.name"))",
                                   R"(set(profilesample.attributes["a"], "b"))"}));
  EXPECT_THAT(SampleAttributes(out), ElementsAre("a=b"));
  out =
      RunTransform({request}, StatementsOf({R"(replace_pattern(frame.function.name, "^m", "M"))"}));
  EXPECT_EQ(FunctionName(out), "Main");
  out = RunTransform({request}, StatementsOf({R"(set(frame.mapping.filename, "libapp.so"))"}));
  EXPECT_EQ(out.dictionary().string_table(out.dictionary().mapping_table(1).filename_strindex()),
            "libapp.so");
}

TEST(StatementsTest, SamplesReadTheRowsAroundThem) {
  auto out = RunTransform(
      {SmallRequest()},
      StatementsOf(
          {R"(set(profilesample.attributes["service"], resource.attributes["service.name"]))",
           R"(set(profilesample.attributes["type"], profile.sample_type.type))"}));
  EXPECT_THAT(SampleAttributes(out), Contains("service=checkout"));
  EXPECT_THAT(SampleAttributes(out), Contains("type=cpu"));
}

TEST(StatementsTest, SeeWhatTheStepBeforeLeft) {
  std::vector<std::unique_ptr<Transform>> steps;
  steps.push_back(StatementsOf({R"(set(resource.attributes["service.name"], "first"))"}));
  steps.push_back(StatementsOf(
      {R"(set(profilesample.attributes["service"], resource.attributes["service.name"]))"}));
  steps.push_back(StatementsOf({R"(set(resource.attributes["service.name"], "last"))"}));
  auto out = RunTransforms({SmallRequest()}, std::move(steps));
  EXPECT_THAT(SampleAttributes(out), Contains("service=first"));
  EXPECT_EQ(out.resource_profiles(0).resource().attributes(0).value().string_value(), "last");
}

TEST(StatementsTest, RunWhereAConditionHolds) {
  const std::vector<std::string> edit = {R"(set(profile.period, 1))"};
  auto out = RunTransform({SmallRequest()}, StatementsOf(edit, {R"(scope.name == "other")"}));
  EXPECT_EQ(ProfileOf(out).period(), 50'000'000);
  out = RunTransform({SmallRequest()},
                     StatementsOf(edit, {R"(scope.name == "other")", R"(scope.name == "agent")"}));
  EXPECT_EQ(ProfileOf(out).period(), 1);
}

TEST(StatementsTest, UnsymbolizedFramesCanBeNamed) {
  auto request = SmallRequest();
  request.mutable_dictionary()->mutable_location_table(1)->clear_lines();
  auto out = RunTransform(
      {request},
      StatementsOf(
          {R"(set(frame.function.name, frame.mapping.filename) where frame.function.name == "")"}));
  EXPECT_EQ(FunctionName(out), "app");
  EXPECT_THAT(out.dictionary().location_table(1).lines(), SizeIs(1));
}

TEST(StatementsTest, FailuresAreToldPassedOverOrDropTheRow) {
  const std::vector<std::string> fails = {R"(set(profile.period, Len(resource.attributes["no"])))",
                                          R"(set(profile.duration_unix_nano, 7))"};
  std::vector<std::string> told;
  const TransformReport report = [&told](std::string_view what) { told.emplace_back(what); };
  auto out = RunTransform({SmallRequest()}, StatementsOf(fails, {}, {}, report));
  EXPECT_EQ(ProfileOf(out).duration_nano(), 7u) << "ignore goes on";
  EXPECT_THAT(told, SizeIs(1));
  told.clear();
  out = RunTransform({SmallRequest()},
                     StatementsOf(fails, {}, {.error_mode = ottl::ErrorMode::kSilent}, report));
  EXPECT_EQ(ProfileOf(out).duration_nano(), 7u);
  EXPECT_THAT(told, IsEmpty());
  out = RunTransform({SmallRequest()},
                     StatementsOf(fails, {}, {.error_mode = ottl::ErrorMode::kPropagate}, report));
  EXPECT_THAT(out.resource_profiles(), IsEmpty());
  EXPECT_THAT(told, SizeIs(1));
}

TEST(StatementsTest, WhatCannotBeDoneIsRefusedBeforehand) {
  EXPECT_THAT(Refusal({R"(set(resource.attributes["a"], profile.period))"}),
              HasSubstr("own context"));
  EXPECT_THAT(Refusal({R"(set(frame.function.name, resource.attributes["a"]))"}),
              HasSubstr("one for all resources"));
  EXPECT_THAT(Refusal({R"(set(profilesample.attributes["n"], Len(profilesample.values)))"}),
              HasSubstr("profilesample.values"));
  EXPECT_THAT(
      Refusal({R"(set(frame.function.name, "x"))"}, {.error_mode = ottl::ErrorMode::kPropagate}),
      HasSubstr("propagate"));
  EXPECT_THAT(Refusal({R"(sett(profile.period, 1))"}), HasSubstr("did you mean"));
}

}  // namespace
}  // namespace flameway
