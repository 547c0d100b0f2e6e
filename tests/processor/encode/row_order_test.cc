// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/processor/core_fixture.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::ElementsAre;

ExportProfilesServiceRequest SortedMessage(const ExportProfilesServiceRequest& request) {
  return Parse(Merge({Serialize(request)}, Coalesce::kLossless, {.row_order = RowOrder::kSorted}));
}

// A stack of functions by name, leaf first, in a request that has it in its one profile.
void AddStack(ExportProfilesServiceRequest& request, const std::vector<std::string>& names) {
  auto* tables = request.mutable_dictionary();
  auto* stack = tables->add_stack_table();
  for (const std::string& name : names) {
    tables->add_string_table(name);
    tables->add_function_table()->set_name_strindex(tables->string_table_size() - 1);
    tables->add_location_table()->add_lines()->set_function_index(tables->function_table_size() -
                                                                  1);
    stack->add_location_indices(tables->location_table_size() - 1);
  }
  auto* sample = request.mutable_resource_profiles(0)
                     ->mutable_scope_profiles(0)
                     ->mutable_profiles(0)
                     ->add_samples();
  sample->set_stack_index(tables->stack_table_size() - 1);
  sample->add_timestamps_unix_nano(1'700'000'000'000'000'000);
}

ExportProfilesServiceRequest EmptyProfile() {
  ExportProfilesServiceRequest request;
  auto* tables = request.mutable_dictionary();
  tables->add_string_table("");
  tables->add_function_table();
  tables->add_location_table();
  tables->add_stack_table();
  tables->add_mapping_table();
  tables->add_attribute_table();
  tables->add_link_table();
  request.add_resource_profiles()->add_scope_profiles()->add_profiles()->set_time_unix_nano(1);
  return request;
}

// Root first.
std::vector<std::string> NamesOf(const ExportProfilesServiceRequest& message, int stack) {
  const auto& tables = message.dictionary();
  std::vector<std::string> names;
  for (const int32_t location : tables.stack_table(stack).location_indices()) {
    const int32_t function = tables.location_table(location).lines(0).function_index();
    names.insert(names.begin(),
                 tables.string_table(tables.function_table(function).name_strindex()));
  }
  return names;
}

TEST(RowOrderTest, TablesOfAMessageAreSorted) {
  ExportProfilesServiceRequest request = EmptyProfile();
  AddStack(request, {"write", "main"});
  AddStack(request, {"read", "main"});
  AddStack(request, {"main"});
  AddStack(request, {"sleep", "idle"});
  const ExportProfilesServiceRequest message = SortedMessage(request);
  EXPECT_THAT(message.dictionary().string_table(),
              ElementsAre("", "idle", "main", "read", "sleep", "write"));
  ASSERT_EQ(message.dictionary().stack_table_size(), 5);
  EXPECT_THAT(NamesOf(message, 1), ElementsAre("idle", "sleep"));
  EXPECT_THAT(NamesOf(message, 2), ElementsAre("main"));
  EXPECT_THAT(NamesOf(message, 3), ElementsAre("main", "read"));
  EXPECT_THAT(NamesOf(message, 4), ElementsAre("main", "write"));
  std::vector<int32_t> stacks;
  for (const auto& sample : message.resource_profiles(0).scope_profiles(0).profiles(0).samples()) {
    stacks.push_back(sample.stack_index());
  }
  EXPECT_THAT(stacks, ElementsAre(1, 2, 3, 4));
}

TEST(RowOrderTest, ProcessesOfOneProgramFollowEachOther) {
  ExportProfilesServiceRequest request = EmptyProfile();
  AddStack(request, {"a"});
  AddStack(request, {"z"});
  // a and z in turn, each in a process of its own.
  const schema::ResourceProfiles both = request.resource_profiles(0);
  request.clear_resource_profiles();
  for (int i = 0; i < 6; ++i) {
    schema::ResourceProfiles& process = *request.add_resource_profiles() = both;
    process.mutable_scope_profiles(0)->mutable_profiles(0)->mutable_samples()->DeleteSubrange(i % 2,
                                                                                              1);
    auto* pid = process.mutable_resource()->add_attributes();
    pid->set_key("process.pid");
    pid->mutable_value()->set_int_value(i);
  }
  std::vector<int32_t> stacks;
  const ExportProfilesServiceRequest message = SortedMessage(request);
  for (const auto& resource : message.resource_profiles()) {
    stacks.push_back(resource.scope_profiles(0).profiles(0).samples(0).stack_index());
  }
  EXPECT_THAT(stacks, ElementsAre(1, 1, 1, 2, 2, 2));
}

}  // namespace
}  // namespace flameway
