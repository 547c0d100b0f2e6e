// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/service_grammar.h"

#include <string>

#include "bridge/config/batch_grammar.h"
#include "bridge/config/endpoint_text.h"
#include "bridge/config/receiver_grammar.h"
#include "fmt/format.h"

namespace flameway {
namespace {

void DescribeLogs(Section& section, TelemetryOptions& telemetry) {
  using Level = TelemetryOptions::LogLevel;
  static constexpr Section::Choice<Level> kLevels[] = {{Level::kDebug, "debug"},
                                                       {Level::kInfo, "info"},
                                                       {Level::kWarn, "warn"},
                                                       {Level::kError, "error"}};
  using Encoding = TelemetryOptions::LogEncoding;
  static constexpr Section::Choice<Encoding> kEncodings[] = {{Encoding::kConsole, "console"},
                                                             {Encoding::kJson, "json"}};
  section.Enum("level", telemetry.log_level, kLevels);
  section.Enum("encoding", telemetry.log_encoding, kEncodings);
  section.Ignored("sampling", "repeated lines are limited per event");
  std::vector<std::string> paths = {"stderr"};
  if (section.Has("output_paths")) section.TextList("output_paths", paths);
  section.Ignored("output_paths", paths == std::vector<std::string>{"stderr"}
                                      ? ""
                                      : "logs go to the standard error stream");
  section.Ignored("error_output_paths", "");
  section.Ignored("development", "");
  section.Ignored("disable_caller", "");
  section.Ignored("disable_stacktrace", "");
  section.Ignored("initial_fields", "no fields are added to log lines");
  section.Unsupported("processors", "logs go to the standard error stream");
}

void DescribePrometheus(Section& section, MetricsOptions& metrics) {
  section.Text("host", metrics.host);
  section.Integer("port", metrics.port, 0, 65'535);
  for (const std::string_view key :
       {"without_scope_info", "without_units", "without_type_suffix"}) {
    if (!section.Has(key)) {
      section.Ignored(key, "");
      continue;
    }
    bool without = true;
    section.Bool(key, without);
    if (!without) {
      section.Report(key, DiagnosticCode::kAdapted,
                     "metrics carry the Collector's built-in names, without suffixes");
    }
  }
  section.Ignored("with_resource_constant_labels", "no labels are added");
}

// service.telemetry.metrics.readers: of the pull readers the first one with prometheus.
void DescribeReaders(Section& section, std::optional<MetricsOptions>& metrics) {
  // Printing: one reader, or none.
  const size_t printed = metrics ? 1 : 0;
  if (section.Has("readers")) metrics.reset();
  section.ChildList("readers", printed, [&](Section& reader, size_t) {
    reader.Unsupported("periodic", "metrics are pulled");
    reader.Child("pull", Section::Presence::kPresent, [&](Section& pull) {
      pull.Child("exporter", Section::Presence::kPresent, [&](Section& exporter) {
        exporter.Child("prometheus", Section::Presence::kPresent, [&](Section& prometheus) {
          MetricsOptions first = metrics.value_or(MetricsOptions());
          MetricsOptions ignored;
          // Printing visits the one there is; reading keeps the first.
          const bool extra = prometheus.Has("port") && metrics.has_value();
          DescribePrometheus(prometheus, extra ? ignored : first);
          if (!extra) metrics = first;
          if (extra) {
            prometheus.Report("port", DiagnosticCode::kAdapted,
                              "metrics are served once, by the first prometheus reader");
          }
        });
      });
    });
  });
}

void DescribeMetrics(Section& section, std::optional<MetricsOptions>& metrics) {
  enum class Level : uint8_t { kNone, kBasic, kNormal, kDetailed };
  static constexpr Section::Choice<Level> kLevels[] = {{Level::kNone, "none"},
                                                       {Level::kBasic, "basic"},
                                                       {Level::kNormal, "normal"},
                                                       {Level::kDetailed, "detailed"}};
  Level level = Level::kNone;
  if (metrics) level = static_cast<Level>(static_cast<uint8_t>(metrics->level) + 1);
  section.Enum("level", level, kLevels);
  DescribeReaders(section, metrics);
  std::string address;
  if (section.Has("address")) section.Text("address", address);
  section.Ignored("address", "");
  if (!address.empty()) {
    const std::optional<EndpointText> parsed = SplitEndpoint(address);
    if (!parsed || !parsed->has_port || !parsed->scheme.empty()) {
      section.Report("address", DiagnosticCode::kBadValue, "`address` needs host:port");
    } else {
      section.Report("address", DiagnosticCode::kOldName,
                     "`address` is an old name; use a pull reader's `host` and `port`");
      metrics = MetricsOptions{.host = parsed->host, .port = parsed->port};
    }
  }
  section.Ignored("views", "all metrics are served");
  if (level == Level::kNone) {
    metrics.reset();
  } else if (metrics) {
    metrics->level = static_cast<MetricsOptions::Level>(static_cast<uint8_t>(level) - 1);
  }
}

void DescribeLimits(Section& section, GatewayConfig& config) {
  RequestLimits& request = config.request_limits;
  section.Bytes("max_request_bytes", request.max_request_bytes, 1024);
  section.Integer("max_elements", request.max_elements, 1);
  section.Integer("max_rows_per_table", request.max_rows_per_table, 1);
  section.Integer("max_profiles", request.max_profiles, 1);
  section.Integer("max_packed_ints", request.max_packed_ints, 1);
  section.Integer("max_string_bytes", request.max_string_bytes, 1);
  section.Integer("max_payload_bytes", request.max_payload_bytes);
  section.Integer("max_stack_depth", request.max_stack_depth, 1);
  section.Integer("max_any_value_depth", request.max_any_value_depth, 1, 100);
  section.Always("batch", [&](Section& batch) {
    batch.Bytes("max_encoded_bytes", config.batch_limits.max_encoded_bytes, 64 << 10);
    batch.Integer("max_rows_per_table", config.batch_limits.max_rows_per_table, 1'024);
  });
}

}  // namespace

void DescribeHealthCheck(Section& section, HealthCheckOptions& health_check) {
  section.Text("endpoint", health_check.endpoint);
  CheckListenEndpoint(section, "endpoint", health_check.endpoint);
  section.Text("path", health_check.path);
  if (!health_check.path.starts_with('/')) {
    section.Report("path", DiagnosticCode::kBadValue, "`path` must start with a slash");
  }
  section.Text("response_body", health_check.response_body);
  section.Unsupported("tls", "the health endpoint is plain HTTP");
  section.Unsupported("auth", "");
  section.Ignored("check_collector_pipeline",
                  "the answer tells whether the gateway takes requests");
}

void DescribeTelemetry(Section& section, TelemetryOptions& telemetry) {
  section.Always("logs", [&](Section& logs) { DescribeLogs(logs, telemetry); });
  section.Always("metrics", [&](Section& metrics) { DescribeMetrics(metrics, telemetry.metrics); });
  section.Ignored("traces", "the gateway traces nothing of itself");
  section.Ignored("resource", "metrics carry no resource attributes");
}

void DescribeGateway(Section& section, GatewayConfig& config) {
  section.Integer("shards", config.shards, 0, 1'024);
  section.Enum("coalesce", config.coalesce, kCoalesceNames);
  section.Always("limits", [&](Section& limits) { DescribeLimits(limits, config); });
}

}  // namespace flameway
