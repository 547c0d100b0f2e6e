// SPDX-License-Identifier: Apache-2.0
// testdata/config/bad/*.yaml: each file ends with the findings it must give, all of them and in
// this order:
//   # expect: E0104 9:9 message | hint
// testdata/config/good/*.yaml: must load without an error, and its print-config must load to the
// same.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bridge/config/print_config.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/bridge/config/config_fixture.h"

namespace flameway {
namespace {

std::vector<std::string> Files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string CaseName(const testing::TestParamInfo<std::string>& param) {
  return std::filesystem::path(param.param).stem().string();
}

class ConfigCase : public ConfigTest, public testing::WithParamInterface<std::string> {
 protected:
  ConfigCase() {
    variables["TOKEN"] = "s3cr$t";
    files[GetParam()] = ReadTestFile(GetParam());
  }
  std::string Print(const LoadResult& loaded) {
    return PrintConfig(loaded, {.secrets = SectionWriter::Secrets::kShown});
  }
};

class BadConfig : public ConfigCase {};
class GoodConfig : public ConfigCase {};

TEST_P(BadConfig, ReportsExactlyWhatTheFileExpects) {
  const LoadResult result = Load({GetParam()});
  std::vector<std::string> expected;
  std::istringstream lines(files[GetParam()]);
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kMark = "# expect: ";
    if (line.starts_with(kMark)) expected.push_back(line.substr(kMark.size()));
  }
  for (size_t i = 0; i < result.diagnostics.size(); ++i) {
    const Diagnostic& d = result.diagnostics[i];
    const std::string place =
        fmt::format("{} {}:{} ", CodeText(d.code), d.origin.line, d.origin.column);
    const std::string actual = place + d.message + " | " + d.hint;
    ASSERT_LT(i, expected.size()) << "not expected: " << actual;
    EXPECT_TRUE(expected[i].starts_with(place)) << expected[i] << "\n" << actual;
    EXPECT_THAT(actual,
                testing::HasSubstr(expected[i].substr(std::min(place.size(), expected[i].size()))));
  }
  EXPECT_EQ(result.diagnostics.size(), expected.size()) << Shown(result);
  EXPECT_EQ(result.config.has_value(), CountErrors(result.diagnostics) == 0);
}

TEST_P(GoodConfig, LoadsWithoutErrors) {
  const LoadResult result = Load({GetParam()});
  EXPECT_TRUE(result.config.has_value()) << Shown(result);
  EXPECT_TRUE(result.diagnostics.empty()) << Shown(result);
}

TEST_P(GoodConfig, PrintsWhatLoadsToTheSame) {
  const LoadResult first = Load({GetParam()});
  ASSERT_TRUE(first.config.has_value()) << Shown(first);
  const std::string text = Print(first);
  const LoadResult second = LoadText(text);
  ASSERT_TRUE(second.config.has_value()) << Shown(second) << text;
  EXPECT_EQ(Print(second), text);
  EXPECT_TRUE(second.diagnostics.empty()) << Shown(second) << text;
}

TEST_P(GoodConfig, PrintsJsonThatLoadsToTheSame) {
  const LoadResult first = Load({GetParam()});
  ASSERT_TRUE(first.config.has_value()) << Shown(first);
  const LoadResult second = LoadText(PrintConfig(
      first, {.format = PrintOptions::Format::kJson, .secrets = SectionWriter::Secrets::kShown}));
  ASSERT_TRUE(second.config.has_value()) << Shown(second);
  EXPECT_EQ(Print(second), Print(first));
}

INSTANTIATE_TEST_SUITE_P(Files, BadConfig, testing::ValuesIn(Files("testdata/config/bad")),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Files, GoodConfig, testing::ValuesIn(Files("testdata/config/good")),
                         CaseName);

}  // namespace
}  // namespace flameway
