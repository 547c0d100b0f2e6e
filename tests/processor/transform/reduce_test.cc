// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/reduce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/processor/core_fixture.h"
#include "tests/support/request_generator.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

ExportProfilesServiceRequest Reduced(const std::vector<ExportProfilesServiceRequest>& requests,
                                     const ReduceOptions& options) {
  std::vector<std::unique_ptr<Transform>> steps;
  steps.push_back(std::make_unique<Reduce>(options));
  Batch batch({}, std::make_unique<TransformChain>(std::move(steps), PointRuleOf(options)));
  Request decoded{RequestOptions{}};
  for (const auto& request : requests) {
    const std::string bytes = Serialize(request);
    EXPECT_EQ(decoded.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
    batch.Merge(decoded);
  }
  const SealedBatch sealed = batch.Seal();
  const EncodeResult encoded = Encode(sealed, {});
  return encoded.messages.empty() ? ExportProfilesServiceRequest()
                                  : Parse(encoded.messages.at(0).bytes);
}

schema::Profile& ProfileOf(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles(0);
}

ExportProfilesServiceRequest Events(const std::vector<uint64_t>& times) {
  ExportProfilesServiceRequest request = SmallRequest();
  schema::Sample& sample = *ProfileOf(request).mutable_samples(0);
  sample.clear_values();
  *sample.mutable_timestamps_unix_nano() = {times.begin(), times.end()};
  return request;
}

TEST(ReduceTest, TimestampsAreRoundedDownToAPowerOfTwo) {
  auto out = Reduced({Events({1'000'000, 1'100'000, 3'500'000})},
                     {.timestamps = Timestamps::kRound, .round_to = std::chrono::milliseconds(1)});
  constexpr uint64_t kStep = 524'288;  // the largest power of two in a millisecond
  EXPECT_THAT(ProfileOf(out).samples(0).timestamps_unix_nano(),
              ElementsAre(kStep, 2 * kStep, 6 * kStep));
}

TEST(ReduceTest, DroppedTimestampsLeaveTheirNumber) {
  auto out = Reduced({Events({1, 2, 3}), Events({4})}, {.timestamps = Timestamps::kDrop});
  ASSERT_THAT(ProfileOf(out).samples(), SizeIs(1));
  EXPECT_THAT(ProfileOf(out).samples(0).values(), ElementsAre(4));
  EXPECT_THAT(ProfileOf(out).samples(0).timestamps_unix_nano(), IsEmpty());
}

TEST(ReduceTest, DroppedTimestampsLeaveTheSumOfTheirValues) {
  auto request = Events({1, 2, 3});
  for (const int value : {10, -3, 5}) ProfileOf(request).mutable_samples(0)->add_values(value);
  auto out = Reduced({request, request}, {.timestamps = Timestamps::kDrop});
  ASSERT_THAT(ProfileOf(out).samples(), SizeIs(1));
  EXPECT_THAT(ProfileOf(out).samples(0).values(), ElementsAre(24));
}

// What each stack counts in all, by the names of its frames' row: events, or values.
std::map<std::string, int64_t> TotalsByStack(const ExportProfilesServiceRequest& request) {
  std::map<std::string, int64_t> totals;
  for (const auto& resource : request.resource_profiles()) {
    for (const auto& scope : resource.scope_profiles()) {
      for (const auto& profile : scope.profiles()) {
        for (const auto& sample : profile.samples()) {
          std::string stack;
          for (const int frame :
               request.dictionary().stack_table(sample.stack_index()).location_indices()) {
            for (const auto& line : request.dictionary().location_table(frame).lines()) {
              const auto& function = request.dictionary().function_table(line.function_index());
              stack += request.dictionary().string_table(function.name_strindex()) + ';';
            }
          }
          if (sample.values().empty()) totals[stack] += sample.timestamps_unix_nano_size();
          for (const int64_t value : sample.values()) totals[stack] += value;
        }
      }
    }
  }
  return totals;
}

TEST(ReduceTest, SumsAndCountsPerStackStayWhateverIsLost) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    RequestGeneratorOptions options = RequestGeneratorOptions::ForSeed(seed);
    options.huge_value_share = 0;
    RequestGenerator generator(options);
    const std::vector<ExportProfilesServiceRequest> requests = generator.Take(4);
    const auto expected = TotalsByStack(Reduced(requests, {}));
    for (const Timestamps timestamps : {Timestamps::kDrop, Timestamps::kRound}) {
      const auto out = Reduced(requests, {.timestamps = timestamps,
                                          .round_to = std::chrono::seconds(1),
                                          .drop_sample_attributes = {"thread.id", "thread.name"},
                                          .drop_resource_attributes = {"process.pid"}});
      EXPECT_EQ(TotalsByStack(out), expected);
    }
  }
}

TEST(ReduceTest, SamplesAndResourcesThatBecomeEqualBecomeOne) {
  const auto of_process = [](int64_t pid, int64_t thread) {
    ExportProfilesServiceRequest request = Events({static_cast<uint64_t>(pid)});
    auto& attribute = *request.mutable_resource_profiles(0)->mutable_resource()->add_attributes();
    attribute.set_key("process.pid");
    attribute.mutable_value()->set_int_value(pid);
    auto& tables = *request.mutable_dictionary();
    tables.add_string_table("thread.id");
    auto& id = *tables.add_attribute_table();
    id.set_key_strindex(tables.string_table_size() - 1);
    id.mutable_value()->set_int_value(thread);
    ProfileOf(request).mutable_samples(0)->add_attribute_indices(tables.attribute_table_size() - 1);
    return request;
  };
  auto out = Reduced(
      {of_process(1, 10), of_process(2, 20), of_process(2, 30)},
      {.drop_sample_attributes = {"thread.id"}, .drop_resource_attributes = {"process.pid"}});
  ASSERT_THAT(out.resource_profiles(), SizeIs(1));
  ASSERT_THAT(ProfileOf(out).samples(), SizeIs(1));
  EXPECT_THAT(ProfileOf(out).samples(0).timestamps_unix_nano(), UnorderedElementsAre(1, 2, 2));
  for (const std::string& text : out.dictionary().string_table()) EXPECT_NE(text, "thread.id");
}

TEST(ReduceTest, ProfilesOfOtherTypesGo) {
  const auto request = SmallRequest();
  const std::string type = request.dictionary().string_table(
      request.resource_profiles(0).scope_profiles(0).profiles(0).sample_type().type_strindex());
  const std::string unit = request.dictionary().string_table(
      request.resource_profiles(0).scope_profiles(0).profiles(0).sample_type().unit_strindex());
  EXPECT_THAT(Reduced({request}, {.keep_value_types = {type}}).resource_profiles(), SizeIs(1));
  EXPECT_THAT(Reduced({request}, {.keep_value_types = {type + "/" + unit}}).resource_profiles(),
              SizeIs(1));
  EXPECT_THAT(Reduced({request}, {.keep_value_types = {type + "/other"}}).resource_profiles(),
              IsEmpty());
}

TEST(ReduceTest, TwoRulesForTimestampsAreBothKept) {
  const PointRule keep;
  const PointRule drop{.timestamps = Timestamps::kDrop};
  const PointRule coarse{.timestamps = Timestamps::kRound, .rounding_mask = ~uint64_t{0xFFF}};
  const PointRule fine{.timestamps = Timestamps::kRound, .rounding_mask = ~uint64_t{0xF}};
  EXPECT_EQ(Combine(keep, drop).timestamps, Timestamps::kDrop);
  EXPECT_EQ(Combine(drop, coarse).timestamps, Timestamps::kDrop);
  EXPECT_EQ(Combine(keep, fine).rounding_mask, fine.rounding_mask);
  EXPECT_EQ(Combine(coarse, fine).rounding_mask, coarse.rounding_mask);
}

}  // namespace
}  // namespace flameway
