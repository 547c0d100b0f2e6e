// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/message_stats.h"

#include <string>

#include "gtest/gtest.h"
#include "proto/wire/writer.h"
#include "tests/bridge/cli/sample_request.h"

namespace flameway {
namespace {

uint64_t SumOfBytes(const MessageStats& stats) {
  uint64_t sum = 0;
  for (const MessageStats::Table& table : stats.tables) sum += table.bytes;
  return sum;
}

TEST(MessageStatsTest, CountsTheRowsOfEveryTable) {
  const std::string request = EncodeSampleRequest(
      {.profiles = {{{.function = "a", .timestamps = {1, 2}}, {.function = "b"}}, {{}}}});
  MessageStats stats;
  stats.Add(request, Dialect::kV1_10);
  EXPECT_EQ(stats.messages, 1u);
  EXPECT_EQ(stats.table(StatsTable::kResources).rows, 1u);
  EXPECT_EQ(stats.table(StatsTable::kScopes).rows, 1u);
  EXPECT_EQ(stats.table(StatsTable::kProfiles).rows, 2u);
  EXPECT_EQ(stats.table(StatsTable::kSamples).rows, 3u);
  EXPECT_EQ(stats.timestamps, 4u);
  EXPECT_EQ(stats.values, 0u);
  EXPECT_EQ(stats.table(StatsTable::kFunctions).rows, 4u);
  EXPECT_EQ(stats.table(StatsTable::kStacks).rows, 4u);
  EXPECT_EQ(stats.table(StatsTable::kStrings).rows, 6u);  // "", a, b, main, samples, count
}

TEST(MessageStatsTest, TheBytesOfAllTablesAreTheBytesOfTheMessageAlsoWhenItIsDamaged) {
  const std::string request = EncodeSampleRequest({.profiles = {{{}, {.function = "b"}}}});
  for (size_t size = 0; size <= request.size(); ++size) {
    MessageStats stats;
    stats.Add(std::string_view(request).substr(0, size), Dialect::kV1_10);
    EXPECT_EQ(SumOfBytes(stats), size);
    EXPECT_EQ(stats.bytes, size);
  }
}

TEST(MessageStatsTest, CountsValuesPackedOrNotByTheDialect) {
  std::string sample;
  wire::Writer(&sample).BytesField(2, std::string("\x05\xac\x02\x07", 4));  // 5, 300, 7
  wire::Writer(&sample).VarintField(4, 9);
  std::string profile;
  wire::Writer(&profile).BytesField(2, sample);
  std::string scope;
  wire::Writer(&scope).BytesField(2, profile);
  std::string resource;
  wire::Writer(&resource).BytesField(2, scope);
  std::string request;
  wire::Writer(&request).BytesField(1, resource);
  MessageStats old_reading;
  old_reading.Add(request, Dialect::kV1_9);
  EXPECT_EQ(old_reading.values, 3u);
  MessageStats new_reading;
  new_reading.Add(request, Dialect::kV1_10);
  EXPECT_EQ(new_reading.values, 1u);
}

}  // namespace
}  // namespace flameway
