// SPDX-License-Identifier: Apache-2.0
// Any text as configuration: no crash, no unbounded work; what loads must print and load again to
// the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "bridge/config/load_config.h"
#include "bridge/config/print_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flameway;  // NOLINT(google-build-using-namespace): the one function of this file
  constexpr size_t kMaxBytes = 64 << 10;
  if (size > kMaxBytes) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Environment environment;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    return name == "SET" ? std::optional<std::string>("1") : std::nullopt;
  };
  environment.read_file = [](const std::string&) -> absl::StatusOr<std::string> {
    return absl::NotFoundError("none");
  };
  environment.total_memory_bytes = size_t{1} << 30;
  const LoadResult first = LoadGatewayConfig({.uris = {"yaml:" + text}, .sets = {}}, environment);
  (void)FormatDiagnostics(first.diagnostics, ColorMode::kAnsi);
  if (!first.config) return 0;
  const PrintOptions shown = {.secrets = SectionWriter::Secrets::kShown};
  const std::string printed = PrintConfig(first, shown);
  const LoadResult second =
      LoadGatewayConfig({.uris = {"yaml:" + printed}, .sets = {}}, environment);
  if (!second.config || PrintConfig(second, shown) != printed) std::abort();
  return 0;
}
