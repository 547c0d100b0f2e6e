// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "bridge/cli/console.h"
#include "bridge/compress/codec.h"
#include "bridge/export/exporter.h"
#include "bridge/tls/tls_options.h"

namespace flameway {

// Where `send`, `gen` and `replay` send to: what flags leave open comes from
// OTEL_EXPORTER_OTLP_PROFILES_*, then OTEL_EXPORTER_OTLP_*, then OpenTelemetry's defaults.
struct SendTarget {
  enum class Protocol : uint8_t { kGrpc, kHttp };

  std::string endpoint;  // URL or host:port; a loopback host without a scheme is clear text
  std::optional<Protocol> protocol;
  std::string http_path;  // appended where the URL has no path of its own
  std::optional<Codec> codec;
  std::vector<std::string> headers;  // key=value
  std::optional<std::chrono::milliseconds> timeout;
  TlsClientOptions tls;

  // The flags that fill it. `this` outlives the parse.
  void Declare(CLI::App& app);
  // Fills what is unset. Fails on values that make no sense, naming the variable.
  [[nodiscard]] absl::Status FillFrom(const Console& console);
  // After FillFrom. Creates nothing but the object: the peer is not contacted.
  [[nodiscard]] absl::StatusOr<std::unique_ptr<Exporter>> MakeExporter() const;
};

}  // namespace flameway
