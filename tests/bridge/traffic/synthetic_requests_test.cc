// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/synthetic_requests.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/corpus.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

TEST(SyntheticRequests, HaveTheWantedShape) {
  SyntheticOptions options;
  options.sample_count = 40;
  options.stack_depth = 7;
  options.unique_functions = 5;
  options.trace_id = "0102030405060708090a0b0c0d0e0f10";
  options.span_id = "a1a2a3a4a5a6a7a8";
  const auto request = ParseRequest(EncodeSyntheticRequest(options, 3));
  ASSERT_TRUE(request.ok());
  EXPECT_THAT(CheckWellFormed(*request), ::testing::IsEmpty());
  const auto& dictionary = request->dictionary();
  EXPECT_EQ(dictionary.function_table_size(), 6);  // with the null row
  for (int i = 1; i < dictionary.stack_table_size(); ++i) {
    EXPECT_EQ(dictionary.stack_table(i).location_indices_size(), 7);
  }
  ASSERT_EQ(dictionary.link_table_size(), 2);
  EXPECT_EQ(dictionary.link_table(1).span_id(), "\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8");
  const auto& profile = request->resource_profiles(0).scope_profiles(0).profiles(0);
  EXPECT_EQ(profile.samples_size(), 40);
  EXPECT_EQ(profile.samples(0).values_size(), 1);
  EXPECT_EQ(profile.samples(0).link_index(), 1);
  EXPECT_EQ(profile.time_unix_nano(), options.start_unix_nano + 3 * 10'000'000'000);
}

TEST(SyntheticRequests, AreTheSameForTheSameSeed) {
  EXPECT_EQ(EncodeSyntheticRequest({}, 1), EncodeSyntheticRequest({}, 1));
  EXPECT_NE(EncodeSyntheticRequest({}, 1), EncodeSyntheticRequest({}, 2));
  EXPECT_NE(EncodeSyntheticRequest({.seed = 2}, 1), EncodeSyntheticRequest({.seed = 3}, 1));
}

TEST(SyntheticRequests, HexIsReadWholeOrNotAtAll) {
  EXPECT_EQ(BytesOfHex("00ff", 4), std::string("\0\xff", 2));
  EXPECT_EQ(BytesOfHex("00f", 4), "");
  EXPECT_EQ(BytesOfHex("00fg", 4), "");
}

}  // namespace
}  // namespace flameway
