// SPDX-License-Identifier: Apache-2.0
// What holds for every transform, whatever it is told to do: for the configurations of
// testdata/transform and those below, which speak of what generated requests are about.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/bridge/transform/transform_case.h"
#include "tests/support/corpus.h"
#include "tests/support/expanded_profiles.h"
#include "tests/support/request_generator.h"

namespace flameway {
namespace {

std::string Configuration(const std::string& type, const std::string& block) {
  return "processors: {" + type + ": " + block +
         "}\nservice: {pipelines: {profiles: {processors: [" + type + "]}}}\n";
}

// For the words of tests/support/request_world.cc.
const std::vector<std::pair<const char*, std::pair<const char*, const char*>>> kForGenerated = {
    {"GeneratedDeleteOnSamples",
     {"attributes", "{actions: [{key: thread.name, action: delete}, {key: x, action: delete}]}"}},
    {"GeneratedUpsertWhereScope",
     {"attributes",
      "{context: profile, include: {match_type: strict, libraries: [{name: profiler}]}, "
      "actions: [{key: seen, value: 1, action: upsert}]}"}},
    {"GeneratedLocationsAndMappings",
     {"attributes", "{context: location, actions: [{pattern: \".*\", action: delete}]}"}},
    {"GeneratedResource", {"resource", "{attributes: [{key: x, value: 1, action: upsert}]}"}},
    {"GeneratedRedaction",
     {"redaction", "{allow_all_keys: true, blocked_values: [\"v[0-3]\"], summary: debug}"}},
    {"GeneratedFilterResource",
     {"filter", "{profile_conditions: ['resource.attributes[\"x\"] != nil']}"}},
    {"GeneratedFilterSample",
     {"filter",
      "{profile_conditions: ['profilesample.attributes[\"cpu\"] != nil and "
      "resource.attributes[\"x\"] == nil']}"}},
    {"GeneratedFilterFrames",
     {"filter", "{profile_conditions: ['IsMatch(frame.function.name, \"^std::\")']}"}},
    {"GeneratedStatements",
     {"transform",
      "{profile_statements: ['set(resource.attributes[\"n\"], \"r\")', "
      "'set(profile.attributes[\"n\"], resource.attributes[\"n\"])', "
      "'keep_keys(profilesample.attributes, [\"cpu\"])', "
      "'set(frame.function.name, \"main\") where HasPrefix(frame.function.name, \"main\")']}"}},
    {"GeneratedReduce",
     {"reduce",
      "{timestamps: {round: 4ns}, drop_sample_attributes: [cpu], "
      "merge_resources: {drop: [process.pid, container.id]}}"}},
    {"GeneratedReduceDrop", {"reduce", "{timestamps: drop}"}},
};

std::vector<TransformCase> AllConfigurations() {
  std::vector<TransformCase> all = FindTransformCases();
  for (const auto& [name, block] : kForGenerated) {
    all.push_back({.name = name, .folder = {}, .config = Configuration(block.first, block.second)});
  }
  return all;
}

ExpandedProfiles Expand(const std::vector<std::string>& requests) {
  ExpandedProfiles expanded;
  for (const std::string& request : requests) {
    if (!request.empty()) expanded.Add(ParseBytes(request));
  }
  return expanded;
}

// Each profile as a request of its own.
std::vector<std::string> Singles(const std::vector<std::string>& requests) {
  std::vector<std::string> singles;
  for (const std::string& request : requests) {
    const auto whole = ParseBytes(request);
    for (const auto& group : whole.resource_profiles()) {
      for (const auto& scope_group : group.scope_profiles()) {
        for (const auto& profile : scope_group.profiles()) {
          schema::ExportProfilesServiceRequest single;
          *single.mutable_dictionary() = whole.dictionary();
          auto& resource = *single.add_resource_profiles();
          *resource.mutable_resource() = group.resource();
          resource.set_schema_url(group.schema_url());
          auto& scope = *resource.add_scope_profiles();
          *scope.mutable_scope() = scope_group.scope();
          scope.set_schema_url(scope_group.schema_url());
          *scope.add_profiles() = profile;
          singles.push_back(single.SerializeAsString());
        }
      }
    }
  }
  return singles;
}

class Laws : public testing::TestWithParam<TransformCase> {
 protected:
  static void ExpectSame(const ExpandedProfiles& expected, const ExpandedProfiles& actual,
                         const char* what) {
    EXPECT_TRUE(expected == actual) << what << "\n" << expected.DiffText(actual, 20);
  }

  void ExpectLaws(std::vector<std::string> requests) {
    const TransformPlan plan = PlanOf(GetParam().config);
    const std::string once = MergeBytes(plan, requests);
    const ExpandedProfiles meaning = Expand({once});
    if (GetParam().idempotent && !once.empty()) {
      ExpectSame(meaning, Expand({MergeBytes(plan, {once})}), "twice");
    }
    std::mt19937 random(7);  // NOLINT: the same order each time
    std::shuffle(requests.begin(), requests.end(), random);
    ExpectSame(meaning, Expand({MergeBytes(plan, requests)}), "shuffled");
  }

  // What becomes of a profile does not depend on its neighbours; so one that is not to be touched
  // keeps its meaning among others that are.
  void ExpectProfilesByThemselves(const std::vector<std::string>& requests) {
    const TransformPlan plan = PlanOf(GetParam().config);
    const ExpandedProfiles together = Expand({MergeBytes(plan, requests)});
    std::vector<std::string> alone;
    for (const std::string& single : Singles(requests)) alone.push_back(MergeBytes(plan, {single}));
    ExpectSame(Expand(alone), together, "by itself");
  }
};

TEST_P(Laws, HoldForGeneratedRequests) {
  for (uint64_t seed = 1; seed <= 12 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    RequestGenerator generator(RequestGeneratorOptions::ForSeed(seed));
    std::vector<std::string> requests;
    for (const auto& request : generator.Take(5)) requests.push_back(request.SerializeAsString());
    ExpectLaws(requests);
    ExpectProfilesByThemselves(requests);
  }
}

TEST_P(Laws, HoldForRealRequests) {
  const auto file = FindSharedFile("ebpf/idle-20hz.otlp");
  const auto larger = FindSharedFile("ebpf/gobuild-20hz.otlp");
  if (!file || !larger) GTEST_SKIP() << kNoSharedFile;
  std::vector<std::string> requests;
  for (const auto& path : {*file, *larger}) {
    auto read = ReadRequests(path);
    ASSERT_TRUE(read.ok()) << read.status();
    for (std::string& request : *read) requests.push_back(std::move(request));
  }
  ExpectLaws(requests);
}

std::string LawName(const testing::TestParamInfo<TransformCase>& param) { return param.param.name; }

INSTANTIATE_TEST_SUITE_P(Configurations, Laws, testing::ValuesIn(AllConfigurations()), LawName);

}  // namespace
}  // namespace flameway
