// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/diagnostic.h"

#include <set>

#include "gmock/gmock.h"
#include "tests/bridge/config/config_fixture.h"

namespace flameway {
namespace {

class DiagnosticTest : public ConfigTest {};

TEST_F(DiagnosticTest, IsShownLikeACompilersMessage) {
  const LoadResult result = LoadText(
      "receivers:\n  otlp:\n    protocols:\n      grpc:\n        endpont: 0.0.0.0:4317\n"
      "exporters: {debug: }\n"
      "service: {pipelines: {profiles: {receivers: [otlp], exporters: [debug]}}}\n");
  EXPECT_EQ(Shown(result),
            "error[E0104]: unknown key `endpont` in `receivers.otlp.protocols.grpc`\n"
            "  --> gateway.yaml:5:9\n"
            "   |\n"
            " 5 |         endpont: 0.0.0.0:4317\n"
            "   |         ^^^^^^^ did you mean `endpoint`?\n"
            "   = docs: docs/configuration.md, receivers.otlp.protocols.grpc\n");
}

TEST_F(DiagnosticTest, ColourAddsOnlyEscapes) {
  const LoadResult result = LoadText(Minimal("endpont: x"));
  std::string colored = FormatDiagnostics(result.diagnostics, ColorMode::kAnsi);
  EXPECT_THAT(colored, testing::HasSubstr("\x1b[1;31merror"));
  std::string plain;
  for (size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b') {
      i = colored.find('m', i);
    } else {
      plain += colored[i];
    }
  }
  EXPECT_EQ(plain, Shown(result));
}

TEST_F(DiagnosticTest, ControlCharactersOfAFileDoNotReachTheTerminal) {
  const LoadResult result = LoadText(Minimal("\"a\x1b[31m\": 1"));
  EXPECT_THAT(Shown(result), testing::Not(testing::HasSubstr("\x1b")));
}

TEST_F(DiagnosticTest, LongLinesAreClippedAroundTheCaret) {
  const LoadResult result =
      LoadText("# x\nflameway: {" + std::string(3'000, ' ') + "shards: lots}\n" + Minimal());
  ASSERT_EQ(result.diagnostics.size(), 1U);
  const Diagnostic& d = result.diagnostics[0];
  EXPECT_LE(d.excerpt.size(), 120U);
  EXPECT_EQ(d.excerpt.substr(static_cast<size_t>(d.excerpt_column) - 1, 4), "lots");
}

TEST_F(DiagnosticTest, CodesAreUniqueAndDocumented) {
  const std::string docs = ReadTestFile("docs/configuration.md");
  std::set<std::string_view> seen;
  for (const DiagnosticCode code : AllDiagnosticCodes()) {
    EXPECT_TRUE(seen.insert(CodeText(code)).second) << CodeText(code);
    EXPECT_THAT(docs, testing::HasSubstr("`" + std::string(CodeText(code)) + "` | " +
                                         std::string(CodeMeaning(code))));
  }
}

}  // namespace
}  // namespace flameway
