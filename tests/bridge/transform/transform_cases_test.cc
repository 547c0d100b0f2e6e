// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/bridge/transform/transform_case.h"
#include "tests/support/profile_yaml.h"

namespace flameway {
namespace {

class TransformCases : public testing::TestWithParam<TransformCase> {
 protected:
  [[nodiscard]] std::string Text(const std::string& file) const {
    return ReadText(GetParam().folder + "/" + file);
  }
  // Compares what the writer makes of both, so that the form a person chose does not matter.
  void ExpectLeaves(const std::string& merged) const {
    const std::string expected = WriteProfileYaml(ReadProfileYaml(Text("expected.yaml")));
    const std::string diff = LineDiff(expected, WriteProfileYaml(ParseBytes(merged)));
    EXPECT_TRUE(diff.empty()) << diff;
  }
};

TEST_P(TransformCases, GiveWhatIsExpected) {
  const auto input = ReadProfileYaml(Text("input.yaml"));
  const std::string merged = MergeBytes(PlanOf(GetParam().config), {input.SerializeAsString()});
  ExpectLeaves(merged);
}

TEST_P(TransformCases, GiveTheSameWhenEachProfileComesByItself) {
  const auto input = ReadProfileYaml(Text("input.yaml"));
  std::vector<std::string> requests;
  for (const auto& group : input.resource_profiles()) {
    auto single = input;
    single.clear_resource_profiles();
    *single.add_resource_profiles() = group;
    requests.push_back(single.SerializeAsString());
  }
  std::reverse(requests.begin(), requests.end());
  const std::string merged = MergeBytes(PlanOf(GetParam().config), requests);
  ExpectLeaves(merged);
}

std::string CaseName(const testing::TestParamInfo<TransformCase>& param) {
  return param.param.name;
}

INSTANTIATE_TEST_SUITE_P(Folders, TransformCases, testing::ValuesIn(FindTransformCases()),
                         CaseName);

// What a case reads, it also writes: else an expectation could miss something.
TEST(ProfileYamlTest, WritesWhatItReads) {
  const std::string text =
      "- resource: {a: 1, b: \"1\", c: 1.5, d: 2.0, e: true, f: [x, {y: z}], g: null}\n"
      "  resource_schema: \"https://example.org/r\"\n"
      "  scope: {name: agent, version: \"1\", attributes: {a: b}}\n"
      "  scope_schema: \"https://example.org/s\"\n"
      "  type: cpu/nanoseconds\n"
      "  period: \"10 cpu/nanoseconds\"\n"
      "  time: 7\n"
      "  duration: 9\n"
      "  attributes: {host: h}\n"
      "  samples:\n"
      "    - {stack: [main, {name: work, system_name: _Z4workv, file: work.cc, start_line: 3, "
      "line: 5, type: native, mapping: /bin/app, mapping_attributes: {c: d}, address: 4096, "
      "attributes: {a: b}}], values: [1, 2], times: [3, 4]}\n"
      "    - {stack: [{inlined: [{name: inner}, {name: outer}]}], values: [3]}\n"
      "    - {stack: main;work, attributes: {thread.name: w}, times: [1, 2]}\n";
  const std::string diff = LineDiff(text, WriteProfileYaml(ReadProfileYaml(text)));
  EXPECT_TRUE(diff.empty()) << diff;
}

TEST(ProfileYamlTest, ADiffShowsWhatDiffers) {
  EXPECT_EQ(LineDiff("a\nb\nc\n", "a\nx\nc\n"), "- expected\n+ actual\n  a\n- b\n+ x\n  c\n");
  EXPECT_EQ(LineDiff("a\n", "a\n"), "");
}

}  // namespace
}  // namespace flameway
