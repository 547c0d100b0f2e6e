// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/transform/transform_case.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bridge/config/load_config.h"
#include "fmt/format.h"
#include "processor/processor.h"

namespace flameway {
namespace {

constexpr std::string_view kCases = "testdata/transform";

constexpr const char* kSurroundings =
    "receivers: {otlp: {protocols: {grpc: {}}}}\n"
    "exporters: {nop: {}}\n"
    "service: {pipelines: {profiles: {receivers: [otlp], exporters: [nop]}}}\n";

[[noreturn]] void Refuse(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::abort();
}

}  // namespace

void PrintTo(const TransformCase& one, std::ostream* out) { *out << one.name; }

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  if (!file) Refuse("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<TransformCase> FindTransformCases() {
  std::vector<TransformCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(kCases)) {
    TransformCase& one = cases.emplace_back();
    one.name = entry.path().filename();
    one.folder = entry.path();
    one.config = ReadText(entry.path() / "config.yaml");
    one.idempotent = one.config.find("# not idempotent: ") == std::string::npos;
  }
  std::sort(cases.begin(), cases.end(),
            [](const TransformCase& a, const TransformCase& b) { return a.name < b.name; });
  return cases;
}

TransformPlan PlanOf(const std::string& config) {
  Environment environment;
  environment.variable = [](const std::string&) -> std::optional<std::string> {
    return std::nullopt;
  };
  environment.read_file = [&](const std::string& path) -> absl::StatusOr<std::string> {
    return path == "config.yaml" ? config : kSurroundings;
  };
  const LoadResult loaded =
      LoadGatewayConfig({.uris = {"surroundings.yaml", "config.yaml"}, .sets = {}}, environment);
  if (!loaded.config.has_value()) {
    Refuse(FormatDiagnostics(loaded.diagnostics, ColorMode::kPlain));
  }
  return loaded.config->pipelines.front().transforms;
}

std::string MergeBytes(const TransformPlan& plan, const std::vector<std::string>& requests) {
  Processor processor({.request = {}, .batch = {}}, plan.NewChain({}));
  for (const std::string& request : requests) {
    const DecodeReport& report = processor.Decode(request);
    if (report.outcome != DecodeReport::Outcome::kAccepted || report.profiles_rejected > 0) {
      Refuse("a request of a case is not valid: " + report.Message());
    }
    processor.Merge();
  }
  const SealedBatch sealed = processor.Seal();
  const EncodeResult encoded = Encode(sealed, {});
  return encoded.messages.empty() ? std::string() : std::string(encoded.messages.front().bytes);
}

schema::ExportProfilesServiceRequest ParseBytes(const std::string& bytes) {
  schema::ExportProfilesServiceRequest request;
  if (!request.ParseFromString(bytes)) Refuse("cannot be parsed");
  return request;
}

}  // namespace flameway
