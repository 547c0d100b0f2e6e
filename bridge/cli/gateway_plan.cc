// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/gateway_plan.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "bridge/export/debug.h"
#include "bridge/export/file.h"
#include "bridge/export/nop.h"
#include "bridge/export/otlp_grpc.h"
#include "bridge/export/otlp_http.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// One overload for each exporter there is.
#define FLAMEWAY_EXPORTER(type_name, OptionsType, CreateFunction)                        \
  absl::StatusOr<std::unique_ptr<Exporter>> CreateExporter(const OptionsType& options) { \
    return CreateFunction(options);                                                      \
  }
#include "bridge/export/exporters.def"
#undef FLAMEWAY_EXPORTER

// The place of each id in `all`; the configuration has checked that they are there.
template <typename Component>
std::vector<size_t> Positions(const std::vector<std::string>& ids,
                              const std::vector<Component>& all) {
  std::vector<size_t> positions;
  for (const std::string& id : ids) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&id](const Component& c) { return c.id == id; });
    if (found != all.end()) positions.push_back(static_cast<size_t>(found - all.begin()));
  }
  return positions;
}

AcceptedDialects Accepted(const std::vector<Dialect>& dialects) {
  const auto has = [&dialects](Dialect dialect) {
    return std::find(dialects.begin(), dialects.end(), dialect) != dialects.end();
  };
  return {.v1_8 = has(Dialect::kV1_8), .v1_9 = has(Dialect::kV1_9), .v1_10 = has(Dialect::kV1_10)};
}

std::string Destination(const OtlpGrpcExporterOptions& options) { return options.endpoint; }
std::string Destination(const OtlpHttpExporterOptions& options) {
  return options.profiles_endpoint;
}
std::string Destination(const FileExporterOptions& options) { return options.path; }
std::string Destination(const DebugExporterOptions&) { return "this log"; }
std::string Destination(const NopExporterOptions&) { return "nowhere"; }

}  // namespace

GatewayOptions PlanGateway(const GatewayConfig& config) {
  GatewayOptions plan;
  for (const ReceiverConfig& receiver : config.receivers) {
    plan.receivers.push_back({.name = receiver.id,
                              .grpc = receiver.grpc,
                              .http = receiver.http,
                              .accept = Accepted(receiver.schema.accept),
                              .assumed_dialect = receiver.schema.assume});
  }
  for (const ExporterConfig& exporter : config.exporters) {
    ExporterSpec spec;
    spec.name = exporter.id;
    spec.create = [options = exporter.options] {
      return std::visit([](const auto& o) { return CreateExporter(o); }, options);
    };
    spec.queue = exporter.queue;
    spec.retry = exporter.retry;
    spec.batch = exporter.batch;
    plan.exporters.push_back(std::move(spec));
  }
  for (const PipelineConfig& pipeline : config.pipelines) {
    plan.pipelines.push_back({.name = pipeline.id,
                              .receivers = Positions(pipeline.receivers, config.receivers),
                              .exporters = Positions(pipeline.exporters, config.exporters),
                              .batch = pipeline.batch,
                              .transforms = pipeline.transforms});
    const std::optional<MemoryLimiterOptions>& limiter = pipeline.memory_limiter;
    if (!limiter.has_value()) continue;
    if (!plan.memory_limiter.has_value() ||
        limiter->soft_limit_bytes() < plan.memory_limiter->soft_limit_bytes()) {
      plan.memory_limiter = limiter;
    }
  }
  plan.shards = static_cast<size_t>(std::max(config.shards, 0));
  plan.request_limits = config.request_limits;
  plan.batch_limits = config.batch_limits;
  plan.coalesce = config.coalesce;
  plan.decompress_limits.max_output_bytes = config.request_limits.max_request_bytes;
  if (config.health_check.has_value()) {
    plan.health = {.endpoint = config.health_check->endpoint, .path = config.health_check->path};
    plan.health_body = config.health_check->response_body;
  }
  if (config.telemetry.metrics.has_value()) {
    const MetricsOptions& metrics = *config.telemetry.metrics;
    const bool is_v6 = metrics.host.find(':') != std::string::npos;
    plan.metrics = {.endpoint = fmt::format("{}{}{}:{}", is_v6 ? "[" : "", metrics.host,
                                            is_v6 ? "]" : "", metrics.port),
                    .path = "/metrics"};
  }
  return plan;
}

std::vector<std::string> DescribeDestinations(const GatewayConfig& config) {
  std::vector<std::string> lines;
  for (const ExporterConfig& exporter : config.exporters) {
    lines.push_back(fmt::format(
        "{} -> {}", exporter.id,
        std::visit([](const auto& options) { return Destination(options); }, exporter.options)));
  }
  return lines;
}

}  // namespace flameway
