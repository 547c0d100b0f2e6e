// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/message_slice.h"

#include <string>

#include "bridge/cli/message_stats.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/sample_request.h"

namespace flameway {
namespace {

const SampleRequest kRequest{.profiles = {{{}, {.function = "b"}, {.function = "c"}}, {{}}}};

TEST(MessageSliceTest, WithoutAChoiceTheMessageStaysAsItIs) {
  const std::string request = EncodeSampleRequest(kRequest);
  EXPECT_EQ(SliceMessage(request, Dialect::kV1_10, {}).bytes, request);
}

TEST(MessageSliceTest, KeepsTheChosenProfileAndSample) {
  const std::string request = EncodeSampleRequest(kRequest);
  const MessageSlice slice =
      SliceMessage(request, Dialect::kV1_10, {.profile = 0, .sample = 1, .max_samples = 0});
  EXPECT_EQ(slice.profiles, 1u);
  EXPECT_EQ(slice.samples, 1u);
  MessageStats stats;
  stats.Add(slice.bytes, Dialect::kV1_10);
  EXPECT_EQ(stats.table(StatsTable::kSamples).rows, 1u);
  EXPECT_EQ(stats.table(StatsTable::kFunctions).rows, 4u);
}

TEST(MessageSliceTest, SaysWhatTheLimitLeftOut) {
  const MessageSlice slice =
      SliceMessage(EncodeSampleRequest(kRequest), Dialect::kV1_10,
                   {.profile = std::nullopt, .sample = std::nullopt, .max_samples = 2});
  EXPECT_EQ(slice.samples, 3u);
  EXPECT_EQ(slice.samples_left_out, 1u);
}

TEST(MessageSliceTest, SurvivesEveryCut) {
  const std::string request = EncodeSampleRequest(kRequest);
  for (size_t size = 0; size < request.size(); ++size) {
    (void)SliceMessage(std::string_view(request).substr(0, size), Dialect::kV1_8, {});
  }
}

}  // namespace
}  // namespace flameway
