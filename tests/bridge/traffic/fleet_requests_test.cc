// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/fleet_requests.h"

#include <cstdio>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/traffic/traffic_figures.h"
#include "tests/support/corpus.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

std::vector<std::string> Fleet(const FleetOptions& options) {
  FleetRequests fleet(options);
  std::vector<std::string> requests;
  for (uint32_t i = 0; i < fleet.size(); ++i) requests.push_back(fleet.Encode(i));
  return requests;
}

TEST(FleetRequests, TheSameSeedGivesTheSameBytesAndAnotherOneOthers) {
  const FleetOptions options{.seed = 5, .hosts = 3, .windows = 2};
  // Not EXPECT_EQ: its account of a difference between megabytes takes hours.
  EXPECT_TRUE(Fleet(options) == Fleet(options));
  const auto requests = Fleet(options);
  EXPECT_EQ(std::set(requests.begin(), requests.end()).size(), 6u);
  EXPECT_FALSE(Fleet({.seed = 6, .hosts = 3, .windows = 2}) == requests);
}

// So that a part of a run can be made again alone.
TEST(FleetRequests, ARequestDoesNotDependOnThoseMadeBefore) {
  const FleetOptions options{.seed = 5, .hosts = 3, .windows = 2};
  FleetRequests fleet(options);
  const std::string last = fleet.Encode(5);
  EXPECT_TRUE(last == Fleet(options)[5]);
  EXPECT_TRUE(fleet.Encode(0) == Fleet(options)[0]);
}

TEST(FleetRequests, EachIsWellFormed) {
  for (const std::string& bytes : Fleet({.seed = 9, .hosts = 6, .windows = 2})) {
    const auto request = ParseRequest(bytes);
    ASSERT_TRUE(request.ok());
    EXPECT_THAT(CheckWellFormed(*request), ::testing::IsEmpty());
  }
}

TEST(FleetRequests, SamplesHaveTimestampsWithinTheProfileAndNoValues) {
  const auto request = ParseRequest(Fleet({.seed = 2, .hosts = 1})[0]);
  ASSERT_TRUE(request.ok());
  std::set<int64_t> pids;
  for (const auto& resource : request->resource_profiles()) {
    for (const auto& attribute : resource.resource().attributes()) {
      if (attribute.key() == "process.pid") pids.insert(attribute.value().int_value());
    }
    const auto& profile = resource.scope_profiles(0).profiles(0);
    for (const auto& sample : profile.samples()) {
      EXPECT_EQ(sample.values_size(), 0);
      EXPECT_EQ(sample.attribute_indices_size(), 3);
      ASSERT_GT(sample.timestamps_unix_nano_size(), 0);
      for (const uint64_t time : sample.timestamps_unix_nano()) {
        EXPECT_GE(time, profile.time_unix_nano());
        EXPECT_LT(time, profile.time_unix_nano() + profile.duration_nano());
      }
    }
  }
  // A process is one resource.
  EXPECT_EQ(pids.size(), static_cast<size_t>(request->resource_profiles_size()));
}

TEST(FleetRequests, SmallIdleHostsSendLittle) {
  size_t bytes = 0;
  for (const std::string& request :
       Fleet({.seed = 1, .hosts = 16, .windows = 2, .cores = 1, .load = 0.1})) {
    const auto parsed = ParseRequest(request);
    ASSERT_TRUE(parsed.ok());
    EXPECT_THAT(CheckWellFormed(*parsed), ::testing::IsEmpty());
    bytes += request.size();
  }
  EXPECT_NEAR(static_cast<double>(bytes) / 32, 16e3, 4e3);
}

// pdata's order, which the fast paths of decoders are made for.
TEST(FleetRequests, FieldsComeInDescendingOrder) {
  const std::string request = Fleet({.seed = 2, .hosts = 1})[0];
  EXPECT_EQ(request[0], 0x12);  // the dictionary first
  const size_t first_row = request[1] < 0 ? (request[2] < 0 ? (request[3] < 0 ? 5 : 4) : 3) : 2;
  EXPECT_EQ(request[first_row], 0x3A);  // a stack
}

// What merging over time saves depends on it. The values are those of the reference fleet, whose
// file has one window only; its hosts range from 0.19 to 0.67 in stacks.
TEST(FleetRequests, AHostRepeatsItselfFromReportToReport) {
  constexpr uint32_t kHosts = 16;
  const auto requests = Fleet({.seed = 1, .hosts = kHosts, .windows = 2});
  Repetition mean;
  for (uint32_t host = 0; host < kHosts; ++host) {
    const Repetition repetition = RepetitionOf(requests[host], requests[kHosts + host]);
    mean.strings += repetition.strings / kHosts;
    mean.locations += repetition.locations / kHosts;
    mean.stacks += repetition.stacks / kHosts;
  }
  std::printf("seen in the report before: strings %.2f, locations %.2f, stacks %.2f\n",
              mean.strings, mean.locations, mean.stacks);
  EXPECT_NEAR(mean.strings, 0.76, 0.08);
  EXPECT_NEAR(mean.locations, 0.62, 0.08);
  EXPECT_NEAR(mean.stacks, 0.31, 0.05);
}

// How close the made-up fleet is to the recorded and the reference one. The bounds are what a
// workload may differ by before measurements with it mislead; the table is printed for the docs.
TEST(FleetRequests, LooksLikeTheRecordings) {
  const auto fleet_file = FindSharedFile("fleet/fleet-128.otlp.zst");
  if (!fleet_file) GTEST_SKIP() << kNoSharedFile;
  const auto reference_requests = ReadRequests(*fleet_file);
  ASSERT_TRUE(reference_requests.ok());
  std::vector<std::string> recorded;
  for (const char* file : {"ebpf/goapp-97hz.otlp", "ebpf/gobuild-20hz.otlp", "ebpf/trace-97hz.otlp",
                           "ebpf/native-97hz.otlp", "ebpf/python-97hz.otlp"}) {
    const auto path = FindSharedFile(file);
    if (!path) GTEST_SKIP() << kNoSharedFile;
    const auto requests = ReadRequests(*path);
    ASSERT_TRUE(requests.ok());
    recorded.insert(recorded.end(), requests->begin(), requests->end());
  }
  const TrafficFigures made = FiguresOf(Fleet({.seed = 1, .hosts = 128}));
  const TrafficFigures reference = FiguresOf(*reference_requests);
  const TrafficFigures captures = FiguresOf(recorded);
  std::printf(
      "%s",
      FiguresTable({{"gen", made}, {"fleet-128", reference}, {"captures", captures}}).c_str());
  // Of the reference fleet, which was calibrated on recordings of larger hosts.
  EXPECT_NEAR(made.strings, reference.strings, 0.05);
  EXPECT_NEAR(made.functions, reference.functions, 0.02);
  EXPECT_NEAR(made.locations, reference.locations, 0.05);
  EXPECT_NEAR(made.stacks, reference.stacks, 0.06);
  EXPECT_NEAR(made.samples, reference.samples, 0.04);
  EXPECT_NEAR(made.stack_depth_mean, reference.stack_depth_mean, 5);
  EXPECT_NEAR(made.stack_depth_p90, reference.stack_depth_p90, 10);
  EXPECT_NEAR(made.string_bytes_mean, reference.string_bytes_mean, 8);
  EXPECT_NEAR(made.string_bytes_p90, reference.string_bytes_p90, 10);
  EXPECT_NEAR(made.bytes_per_event / reference.bytes_per_event, 1, 0.25);
  EXPECT_NEAR(made.stacks_per_sample, reference.stacks_per_sample, 0.05);
  EXPECT_NEAR(made.gzip_ratio / reference.gzip_ratio, 1, 0.12);
  EXPECT_NEAR(made.merged_16 / reference.merged_16, 1, 0.15);
  EXPECT_NEAR(made.merged_128 / reference.merged_128, 1, 0.15);
  // The captures are of one small host with few processes: only what does not depend on the size.
  EXPECT_NEAR(made.stack_depth_mean, captures.stack_depth_mean, 12);
  EXPECT_NEAR(made.gzip_ratio / captures.gzip_ratio, 1, 0.25);
}

}  // namespace
}  // namespace flameway
