// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/attribute_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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

std::unique_ptr<Transform> ActionsOn(AttributeOwner owner,
                                     std::vector<attributes::ActionOptions> options,
                                     const std::optional<attributes::MatchOptions>& include = {}) {
  auto actions = attributes::Actions::Create(options);
  EXPECT_TRUE(std::holds_alternative<attributes::Actions>(actions));
  std::shared_ptr<const attributes::Selection> selection;
  if (include.has_value()) {
    auto made = attributes::Selection::Create(include, std::nullopt);
    EXPECT_TRUE(std::holds_alternative<attributes::Selection>(made));
    selection =
        std::make_shared<attributes::Selection>(std::get<attributes::Selection>(std::move(made)));
  }
  return std::make_unique<AttributeActions>(
      owner,
      std::make_shared<attributes::Actions>(std::get<attributes::Actions>(std::move(actions))),
      std::move(selection));
}

attributes::ActionOptions Delete(const char* key) { return {.action = "delete", .key = key}; }

schema::Profile& ProfileOf(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles(0);
}

TEST(AttributeActionsTest, ChangeTheAttributesOfTheirOwnerOnly) {
  auto out =
      RunTransform({SmallRequest()}, ActionsOn(AttributeOwner::kSample, {Delete("thread.name")}));
  EXPECT_THAT(ProfileOf(out).samples(0).attribute_indices(), IsEmpty());
  EXPECT_THAT(out.dictionary().string_table(), Not(Contains("thread.name")));
  EXPECT_THAT(out.dictionary().mapping_table(1).attribute_indices(), SizeIs(1));

  out = RunTransform({SmallRequest()}, ActionsOn(AttributeOwner::kMapping, {Delete("build_id")}));
  EXPECT_THAT(out.dictionary().mapping_table(1).attribute_indices(), IsEmpty());
  EXPECT_THAT(out.dictionary().location_table(1).attribute_indices(), SizeIs(1));
  EXPECT_THAT(ProfileOf(out).attribute_indices(), SizeIs(1));

  out = RunTransform({SmallRequest()}, ActionsOn(AttributeOwner::kLocation, {Delete("build_id")}));
  EXPECT_THAT(out.dictionary().location_table(1).attribute_indices(), IsEmpty());
  EXPECT_THAT(out.dictionary().mapping_table(1).attribute_indices(), SizeIs(1));

  out = RunTransform({SmallRequest()}, ActionsOn(AttributeOwner::kProfile, {Delete("build_id")}));
  EXPECT_THAT(ProfileOf(out).attribute_indices(), IsEmpty());

  out = RunTransform({SmallRequest()},
                     ActionsOn(AttributeOwner::kResource, {Delete("service.name")}));
  EXPECT_THAT(out.resource_profiles(0).resource().attributes(), IsEmpty());
}

TEST(AttributeActionsTest, ActWhereTheRowsAroundAreSelected) {
  attributes::MatchOptions include{.match_type = "strict"};
  include.services = {"cart"};
  auto out = RunTransform({SmallRequest()},
                          ActionsOn(AttributeOwner::kSample, {Delete("thread.name")}, include));
  EXPECT_THAT(ProfileOf(out).samples(0).attribute_indices(), SizeIs(1));
  include.services = {"checkout"};
  out = RunTransform({SmallRequest()},
                     ActionsOn(AttributeOwner::kSample, {Delete("thread.name")}, include));
  EXPECT_THAT(ProfileOf(out).samples(0).attribute_indices(), IsEmpty());
}

TEST(AttributeActionsTest, AnAttributeThatStaysKeepsItsUnit) {
  auto out = RunTransform(
      {SmallRequest()},
      ActionsOn(AttributeOwner::kMapping,
                {{.action = "upsert", .key = "build_id", .value = ottl::Value::Int(7)},
                 {.action = "insert", .key = "new", .value = ottl::Value::String("x")}}));
  const auto& tables = out.dictionary();
  std::vector<std::string> units;
  for (const int index : tables.mapping_table(1).attribute_indices()) {
    units.push_back(tables.string_table(tables.attribute_table(index).unit_strindex()));
  }
  std::sort(units.begin(), units.end());
  EXPECT_THAT(units, ElementsAre("", "By"));
}

TEST(RedactionTest, BlockedTextIsNowhereInWhatLeaves) {
  constexpr char kSecret[] = "hunter2-secret";
  auto request = SmallRequest();
  auto& tables = *request.mutable_dictionary();
  const std::string text = std::string("--token=") + kSecret;
  // In a resource, a scope, and, by one attribute row, a profile, a sample, a mapping, a location.
  auto& resource =
      request.mutable_resource_profiles(0)->mutable_resource()->mutable_attributes()[0];
  auto& arguments = *resource.Add();
  arguments.set_key("process.command_args");
  arguments.mutable_value()->mutable_array_value()->add_values()->set_string_value(text);
  auto& variable = *resource.Add();
  variable.set_key("process.environment_variable.PASSWORD");
  variable.mutable_value()->set_string_value(kSecret);
  auto& scope = *request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_scope();
  auto& note = *scope.add_attributes();
  note.set_key("note");
  note.mutable_value()->set_string_value(text);
  tables.add_string_table("label");
  auto& label = *tables.add_attribute_table();
  label.set_key_strindex(tables.string_table_size() - 1);
  label.mutable_value()->set_string_value(text);
  const int row = tables.attribute_table_size() - 1;
  ProfileOf(request).add_attribute_indices(row);
  ProfileOf(request).mutable_samples(0)->add_attribute_indices(row);
  tables.mutable_mapping_table(1)->add_attribute_indices(row);
  tables.mutable_location_table(1)->add_attribute_indices(row);

  auto made = attributes::Redaction::Create(
      {.allow_all_keys = true,
       .blocked_key_patterns = {"^process\\.environment_variable\\..*"},
       .blocked_values = {kSecret},
       .summary = "debug"});
  ASSERT_TRUE(std::holds_alternative<attributes::Redaction>(made));
  const auto out = RunTransform(
      {request}, std::make_unique<RedactAttributes>(std::make_shared<attributes::Redaction>(
                     std::get<attributes::Redaction>(std::move(made)))));
  ASSERT_THAT(out.resource_profiles(), SizeIs(1));
  EXPECT_THAT(Serialize(request), HasSubstr(kSecret));
  EXPECT_THAT(Serialize(out), Not(HasSubstr(kSecret)));
  EXPECT_THAT(Serialize(out), HasSubstr("--token=****"));
}

}  // namespace
}  // namespace flameway
