// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/request_times.h"

#include <string>

#include "bridge/traffic/fleet_requests.h"
#include "bridge/traffic/resource_attributes.h"
#include "gtest/gtest.h"
#include "tests/support/corpus.h"
#include "tests/support/request_generator.h"

namespace flameway {
namespace {

uint64_t SamplesOf(const schema::ExportProfilesServiceRequest& request) {
  uint64_t samples = 0;
  for (const auto& resource : request.resource_profiles()) {
    for (const auto& scope : resource.scope_profiles()) {
      for (const auto& profile : scope.profiles()) {
        samples += static_cast<uint64_t>(profile.samples_size());
      }
    }
  }
  return samples;
}

// The oracle for Shift: the same with libprotobuf's objects.
void Move(uint64_t nanos, schema::ExportProfilesServiceRequest* request) {
  for (auto& resource : *request->mutable_resource_profiles()) {
    for (auto& scope : *resource.mutable_scope_profiles()) {
      for (auto& profile : *scope.mutable_profiles()) {
        if (profile.time_unix_nano() != 0) {
          profile.set_time_unix_nano(profile.time_unix_nano() + nanos);
        }
        for (auto& sample : *profile.mutable_samples()) {
          for (auto& time : *sample.mutable_timestamps_unix_nano()) {
            if (time != 0) time += nanos;
          }
        }
      }
    }
  }
}

TEST(RequestTimes, CountsSamplesAndMovesTimesAsLibprotobufDoes) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    RequestGenerator generator(RequestGeneratorOptions::ForSeed(seed));
    schema::ExportProfilesServiceRequest request = generator.Next();
    std::string bytes = request.SerializeAsString();
    const auto times = RequestTimes::Of(bytes);
    ASSERT_TRUE(times.has_value()) << seed;
    EXPECT_EQ(times->samples(), SamplesOf(request)) << seed;
    times->Shift(12'345'678'901, &bytes);
    Move(12'345'678'901, &request);
    EXPECT_EQ(bytes, request.SerializeAsString()) << seed;
  }
}

TEST(RequestTimes, ARequestEndsWithItsLatestProfile) {
  schema::ExportProfilesServiceRequest request;
  auto* scope = request.add_resource_profiles()->add_scope_profiles();
  auto* late = scope->add_profiles();
  late->set_time_unix_nano(1000);
  late->set_duration_nano(50);
  scope->add_profiles()->set_time_unix_nano(900);
  EXPECT_EQ(RequestTimes::Of(request.SerializeAsString())->end_unix_nano(), 1050u);
  EXPECT_EQ(RequestTimes::Of(request.SerializeAsString())->profiles(), 2u);
}

TEST(RequestTimes, AnUnknownTimeStaysUnknown) {
  schema::ExportProfilesServiceRequest request;
  auto* profile = request.add_resource_profiles()->add_scope_profiles()->add_profiles();
  profile->add_samples()->add_timestamps_unix_nano(0);
  profile->mutable_samples(0)->add_timestamps_unix_nano(5);
  std::string bytes = request.SerializeAsString();
  RequestTimes::Of(bytes)->Shift(10, &bytes);
  const auto moved = ParseRequest(bytes);
  ASSERT_TRUE(moved.ok());
  const auto& sample = moved->resource_profiles(0).scope_profiles(0).profiles(0).samples(0);
  EXPECT_EQ(sample.timestamps_unix_nano(0), 0u);
  EXPECT_EQ(sample.timestamps_unix_nano(1), 15u);
}

TEST(RequestTimes, DamageIsNoRequest) {
  FleetRequests fleet(FleetOptions{});
  const std::string request = fleet.Encode(0);
  EXPECT_TRUE(RequestTimes::Of(request).has_value());
  EXPECT_FALSE(RequestTimes::Of(request.substr(0, request.size() - 1)).has_value());
  EXPECT_FALSE(RequestTimes::Of("not at all").has_value());
  EXPECT_TRUE(RequestTimes::Of("").has_value());
}

TEST(ResourceAttributes, AreInEachResourceAndReplaceTheirNamesakes) {
  schema::ExportProfilesServiceRequest request;
  auto* resource = request.add_resource_profiles()->mutable_resource();
  auto* attribute = resource->add_attributes();
  attribute->set_key("host.name");
  attribute->mutable_value()->set_string_value("old");
  attribute = resource->add_attributes();
  attribute->set_key("kept");
  request.add_resource_profiles()->set_schema_url("a resource that is unset");
  request.mutable_dictionary()->add_string_table("");

  const std::string bytes = WithResourceAttributes(
      request.SerializeAsString(), {{"host.name", std::string("new")}, {"zone", int64_t{7}}});
  const auto parsed = ParseRequest(bytes);
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(parsed->resource_profiles_size(), 2);
  for (const auto& group : parsed->resource_profiles()) {
    int found = 0;
    for (const auto& pair : group.resource().attributes()) {
      if (pair.key() == "host.name") {
        ++found;
        EXPECT_EQ(pair.value().string_value(), "new");
      }
      if (pair.key() == "zone") {
        ++found;
        EXPECT_EQ(pair.value().int_value(), 7);
      }
    }
    EXPECT_EQ(found, 2);
  }
  EXPECT_EQ(parsed->resource_profiles(0).resource().attributes(0).key(), "kept");
  EXPECT_EQ(parsed->resource_profiles(1).schema_url(), "a resource that is unset");
  EXPECT_EQ(parsed->dictionary().string_table_size(), 1);
}

TEST(ResourceAttributes, WithoutAnyTheRequestIsAsItWas) {
  EXPECT_EQ(WithResourceAttributes("anything", {}), "anything");
  EXPECT_EQ(WithResourceAttributes("\x0a\x05", {{"a", int64_t{1}}}), "\x0a\x05");
}

}  // namespace
}  // namespace flameway
