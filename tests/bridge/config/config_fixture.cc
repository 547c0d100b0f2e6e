// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/config/config_fixture.h"

#include <fstream>
#include <sstream>

#include "fmt/format.h"

namespace flameway {

std::string ConfigTest::Minimal(std::string_view grpc, std::string_view exporter) {
  return fmt::format(
      "receivers: {{otlp: {{protocols: {{grpc: {{{}}}}}}}}}\n"
      "exporters: {{otlp_grpc: {{endpoint: backend:4317, {}}}}}\n"
      "service: {{pipelines: {{profiles: {{receivers: [otlp], exporters: [otlp_grpc]}}}}}}\n",
      grpc, exporter);
}

std::string Places(const LoadResult& result) {
  std::string places;
  for (const Diagnostic& d : result.diagnostics) {
    places += fmt::format("{}{} {}:{}", places.empty() ? "" : "\n", CodeText(d.code), d.origin.line,
                          d.origin.column);
  }
  return places;
}

std::string Shown(const LoadResult& result) {
  return FormatDiagnostics(result.diagnostics, ColorMode::kPlain);
}

std::string ReadTestFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace flameway
