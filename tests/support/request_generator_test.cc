// SPDX-License-Identifier: Apache-2.0
#include "tests/support/request_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/expanded_profiles.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RequestGeneratorTest, EqualSeedsMakeEqualRequests) {
  const RequestGeneratorOptions options = RequestGeneratorOptions::ForSeed(5);
  RequestGenerator a(options);
  RequestGenerator b(options);
  std::set<std::string> distinct;
  for (int i = 0; i < 10; ++i) {
    const std::string bytes = a.Next().SerializeAsString();
    EXPECT_EQ(bytes, b.Next().SerializeAsString());
    distinct.insert(bytes);
  }
  EXPECT_GT(distinct.size(), 5u);
}

TEST(RequestGeneratorTest, RequestsAreValid) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    RequestGenerator generator(RequestGeneratorOptions::ForSeed(seed));
    for (const auto& request : generator.Take(3)) {
      for (const std::string& problem : CheckWellFormed(request)) {
        EXPECT_THAT(problem, Not(HasSubstr("does not exist"))) << "seed " << seed;
        EXPECT_THAT(problem, Not(HasSubstr("two attributes"))) << "seed " << seed;
        EXPECT_THAT(problem, Not(HasSubstr("is empty"))) << "seed " << seed;
        EXPECT_THAT(problem, Not(HasSubstr("timestamps"))) << "seed " << seed;
        EXPECT_THAT(problem, Not(HasSubstr(" 0 is not"))) << "seed " << seed;
      }
    }
  }
}

TEST(RequestGeneratorTest, RequestsShareWhatTheySpeakAbout) {
  RequestGeneratorOptions options;
  options.profile_id_share = 0;
  RequestGenerator generator(options);
  ExpandedProfiles all;
  uint64_t samples = 0;
  for (const auto& request : generator.Take(200)) {
    all.Add(request);
    for (const auto& resource : request.resource_profiles()) {
      for (const auto& scope : resource.scope_profiles()) {
        for (const auto& profile : scope.profiles()) {
          samples += static_cast<uint64_t>(profile.samples_size());
        }
      }
    }
  }
  EXPECT_GT(samples, 2000u);
  EXPECT_LE(all.distinct(ExpandedProfiles::Part::kResource), 4u);
  EXPECT_LE(all.distinct(ExpandedProfiles::Part::kStack), 41u);
  EXPECT_LT(all.distinct_samples(), samples);
}

TEST(RequestGeneratorTest, UntidySendersAreUntidy) {
  RequestGeneratorOptions options;
  options.duplicate_row_share = 0.3;
  options.orphan_share = 0.3;
  std::string problems;
  for (const auto& request : RequestGenerator(options).Take(20)) {
    for (const std::string& problem : CheckWellFormed(request)) problems += problem + "\n";
  }
  EXPECT_THAT(problems, HasSubstr("equals row"));
  EXPECT_THAT(problems, HasSubstr("is not used"));
  EXPECT_THAT(problems, HasSubstr("zero value, which is row 0"));
  EXPECT_THAT(problems, HasSubstr("with attribute 0"));
}

}  // namespace
}  // namespace flameway
