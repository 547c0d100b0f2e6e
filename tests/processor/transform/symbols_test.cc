// SPDX-License-Identifier: Apache-2.0
// The rules themselves are tested in tests/processor/symbols; here is what they do to rows.
#include "processor/transform/symbols.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/processor/transform/run_transforms.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::unique_ptr<Transform> Symbols(const NormalizeSymbolsOptions& options = {},
                                   const std::optional<FrameFilterOptions>& frames = {},
                                   const SymbolOptions& rules = {}) {
  auto normalizer = SymbolNormalizer::Create(rules);
  EXPECT_TRUE(normalizer.ok());
  std::shared_ptr<const FrameFilter> filter;
  if (frames.has_value()) {
    auto made = FrameFilter::Create(*frames);
    EXPECT_TRUE(made.ok());
    filter = std::make_shared<FrameFilter>(*std::move(made));
  }
  return std::make_unique<NormalizeSymbols>(
      std::make_shared<SymbolNormalizer>(*std::move(normalizer)), std::move(filter), options);
}

// One event of a stack with one frame of this name and type.
ExportProfilesServiceRequest Named(const std::string& name, const std::string& type = "native") {
  ExportProfilesServiceRequest request = SmallRequest();
  auto& tables = *request.mutable_dictionary();
  tables.set_string_table(3, name);
  auto& function = *tables.mutable_function_table(1);
  function.clear_system_name_strindex();
  auto& location = *tables.mutable_location_table(1);
  location.clear_attribute_indices();
  location.clear_address();
  location.clear_mapping_index();
  tables.mutable_mapping_table()->DeleteSubrange(1, 1);
  if (!type.empty()) {
    tables.add_string_table("profile.frame.type");
    auto& attribute = *tables.add_attribute_table();
    attribute.set_key_strindex(tables.string_table_size() - 1);
    attribute.mutable_value()->set_string_value(type);
    location.add_attribute_indices(tables.attribute_table_size() - 1);
  }
  auto& sample = *request.mutable_resource_profiles(0)
                      ->mutable_scope_profiles(0)
                      ->mutable_profiles(0)
                      ->mutable_samples(0);
  sample.clear_values();
  return request;
}

std::vector<std::string> FunctionNames(const ExportProfilesServiceRequest& request) {
  std::vector<std::string> names;
  for (int i = 1; i < request.dictionary().function_table_size(); ++i) {
    names.push_back(
        request.dictionary().string_table(request.dictionary().function_table(i).name_strindex()));
  }
  return names;
}

std::string SystemName(const ExportProfilesServiceRequest& request) {
  return request.dictionary().string_table(
      request.dictionary().function_table(1).system_name_strindex());
}

const schema::Profile& ProfileOf(const ExportProfilesServiceRequest& request) {
  return request.resource_profiles(0).scope_profiles(0).profiles(0);
}

TEST(SymbolsTest, OneFunctionUnderTwoNamesIsOneRowAndOneSample) {
  for (const auto& [one, other, type] : std::vector<std::array<std::string, 3>>{
           {"foo.isra.0", "foo", "native"},
           {"foo.constprop.0.cold", "foo.llvm.123", "native"},
           {"_ZN3foo3barEi.isra.0", "_ZN3foo3barEi", "native"},
           {"Fib$$Lambda.0x00007ffa600c4da0", "Fib$$Lambda.0x00007ffa60111111", "jvm"},
           {"tcp_v4_rcv.isra.0", "tcp_v4_rcv", "kernel"}}) {
    SCOPED_TRACE(one);
    const auto out = RunTransform({Named(one, type), Named(other, type)}, Symbols());
    EXPECT_THAT(FunctionNames(out), SizeIs(1));
    EXPECT_THAT(ProfileOf(out).samples(), SizeIs(1));
    EXPECT_THAT(ProfileOf(out).samples(0).timestamps_unix_nano(), SizeIs(2));
  }
}

TEST(SymbolsTest, AMangledNameStaysAsTheSystemName) {
  EXPECT_EQ(SystemName(RunTransform({Named("_ZN3foo3barEi.isra.0")}, Symbols())), "_ZN3foo3barEi");
  EXPECT_EQ(SystemName(RunTransform({Named("foo.isra.0")}, Symbols())), "");
  EXPECT_EQ(SystemName(RunTransform({Named("foo.isra.0")},
                                    Symbols({.system_name = SystemName::kOriginal}))),
            "foo.isra.0");
  EXPECT_EQ(SystemName(RunTransform({Named("_ZN3foo3barEi")},
                                    Symbols({.system_name = SystemName::kLeave}))),
            "");
  auto filled = Named("_ZN3foo3barEi");
  filled.mutable_dictionary()->mutable_function_table(1)->set_system_name_strindex(5);
  EXPECT_EQ(SystemName(RunTransform({filled}, Symbols())), "main.cc");
}

TEST(SymbolsTest, TheTypeOfAFrameDecidesWhichRulesSeeIt) {
  EXPECT_THAT(FunctionNames(RunTransform({Named("type..eq.foo.cold", "go")}, Symbols())),
              ElementsAre("type..eq.foo.cold"));
  EXPECT_THAT(FunctionNames(RunTransform({Named("work.cold", "native")}, Symbols())),
              ElementsAre("work"));
}

TEST(SymbolsTest, AMarkBehindANameBecomesTheFrameType) {
  const auto out = RunTransform({Named("tcp_sendmsg_[k]", "")}, Symbols());
  EXPECT_THAT(FunctionNames(out), ElementsAre("tcp_sendmsg"));
  const auto& tables = out.dictionary();
  ASSERT_THAT(tables.location_table(1).attribute_indices(), SizeIs(1));
  const auto& type = tables.attribute_table(tables.location_table(1).attribute_indices(0));
  EXPECT_EQ(tables.string_table(type.key_strindex()), "profile.frame.type");
  EXPECT_EQ(type.value().string_value(), "kernel");
}

TEST(SymbolsTest, FramesWithAnAddressOnlyAreNamedAfterTheirFile) {
  auto request = SmallRequest();
  auto& tables = *request.mutable_dictionary();
  tables.set_string_table(6, "/usr/lib/libfoo.so");
  tables.set_string_table(9, "process.executable.build_id.gnu");
  tables.mutable_attribute_table(2)->mutable_value()->set_string_value("1a2b3c4d5e6f");
  tables.mutable_location_table(1)->clear_lines();
  tables.mutable_location_table(1)->clear_attribute_indices();
  tables.mutable_location_table(1)->set_address(0x1f30);
  const auto out = RunTransform({request}, Symbols());
  EXPECT_THAT(FunctionNames(out), ElementsAre("libfoo.so@1a2b3c4d+0x1f30"));
  EXPECT_EQ(out.dictionary().location_table(1).address(), 0x1f30u);
}

TEST(SymbolsTest, ANameThatNoRuleKnowsStaysByteForByte) {
  const auto request = Named("perfectly_plain_name");
  const auto out = RunTransform({request}, Symbols());
  EXPECT_EQ(Expand({Serialize(request)}), Expand({Serialize(out)}));
}

TEST(SymbolsTest, StacksLoseFramesByTheirNormalizedNames) {
  auto request = Named("leaf.isra.0");
  auto& tables = *request.mutable_dictionary();
  for (const char* name : {"allocate", "main"}) {
    tables.add_string_table(name);
    tables.add_function_table()->set_name_strindex(tables.string_table_size() - 1);
    tables.add_location_table()->add_lines()->set_function_index(tables.function_table_size() - 1);
    tables.mutable_stack_table(1)->add_location_indices(tables.location_table_size() - 1);
  }
  FrameFilterOptions frames;
  frames.drop_frames = "allocate";
  const auto pruned = RunTransform({request}, Symbols({}, frames));
  EXPECT_THAT(FunctionNames(pruned), ElementsAre("main"));
  EXPECT_THAT(pruned.dictionary().string_table(), Not(Contains("leaf")));

  FrameFilterOptions shallow;
  shallow.max_depth = 2;
  const auto cut = RunTransform({request}, Symbols({}, shallow));
  EXPECT_THAT(cut.dictionary().stack_table(1).location_indices(), SizeIs(2));
  EXPECT_THAT(FunctionNames(cut), Contains("[truncated]"));
  EXPECT_THAT(FunctionNames(cut), Contains("main"));
}

TEST(SymbolsTest, AMemoOfNothingChangesNothing) {
  for (const size_t names : {size_t{0}, size_t{2}, size_t{1000}}) {
    std::vector<ExportProfilesServiceRequest> requests;
    for (int i = 0; i < 20; ++i) {
      requests.push_back(Named("f" + std::to_string(i % 7) + ".isra." + std::to_string(i)));
    }
    EXPECT_THAT(FunctionNames(RunTransform(requests, Symbols({.memo_names = names}))), SizeIs(7));
  }
}

}  // namespace
}  // namespace flameway
