// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bridge/export/debug_options.h"
#include "bridge/export/file_options.h"
#include "bridge/export/nop.h"
#include "bridge/export/otlp_grpc_options.h"
#include "bridge/export/otlp_http_options.h"
#include "bridge/export/retry_options.h"
#include "bridge/flow/batch_policy.h"
#include "bridge/flow/memory_limiter_options.h"
#include "bridge/queue/queue_options.h"
#include "bridge/receive/otlp_grpc_options.h"
#include "bridge/receive/otlp_http_options.h"
#include "processor/batch/batch.h"
#include "processor/model/limits.h"
#include "processor/transform/plan.h"
#include "processor/transform/processor_options.h"
#include "proto/otlp/dialect.h"

namespace flameway {

// The result of loading: one value, checked as a whole and never changed afterwards. It holds what
// runs: components no pipeline uses are left out. Ids are "type" or "type/name", as the user wrote
// them.

// Which OTLP schemas a receiver takes, and what ambiguous bytes are read as.
struct SchemaPolicy {
  std::vector<Dialect> accept = {Dialect::kV1_8, Dialect::kV1_9, Dialect::kV1_10};
  std::optional<Dialect> assume;  // unset: decided from the bytes and the connection's history
};

struct ReceiverConfig {
  std::string id;
  std::optional<OtlpGrpcReceiverOptions> grpc;  // one of the two is set
  std::optional<OtlpHttpReceiverOptions> http;
  SchemaPolicy schema;
};

using ExporterOptions = std::variant<OtlpGrpcExporterOptions, OtlpHttpExporterOptions,
                                     FileExporterOptions, DebugExporterOptions, NopExporterOptions>;

struct ExporterConfig {
  std::string id;
  ExporterOptions options;
  QueueOptions queue;
  RetryOptions retry;
  std::optional<BatchPolicy>
      batch;  // sending_queue.batch: this exporter's own, instead of the pipeline's
};

struct ProcessorConfig {
  std::string id;
  std::variant<BatchPolicy, MemoryLimiterOptions, TransformOptions> options;
  // Of TransformOptions, compiled; shared by the pipelines that list the processor.
  std::shared_ptr<const TransformRecipe> recipe = nullptr;
};

struct PipelineConfig {
  std::string id;                      // "profiles" or "profiles/name"
  std::vector<std::string> receivers;  // ids, each defined above, in the user's order
  std::vector<std::string> processors;
  std::vector<std::string> exporters;
  // Resolved from `processors`.
  std::optional<BatchPolicy> batch;  // unset: each request is sealed by itself
  std::optional<MemoryLimiterOptions> memory_limiter;
  TransformPlan transforms;  // in the order of `processors`
};

// extensions.health_check
struct HealthCheckOptions {
  std::string id = "health_check";
  std::string endpoint = "localhost:13133";
  std::string path = "/";
  std::string response_body;  // empty: the built-in JSON
};

// service.telemetry.metrics
struct MetricsOptions {
  enum class Level : uint8_t { kBasic, kNormal, kDetailed };
  Level level = Level::kNormal;
  std::string host = "localhost";
  int port = 8888;
};

struct TelemetryOptions {
  enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };
  enum class LogEncoding : uint8_t { kConsole, kJson };
  LogLevel log_level = LogLevel::kInfo;
  LogEncoding log_encoding = LogEncoding::kConsole;
  std::optional<MetricsOptions> metrics = MetricsOptions();  // unset: `level: none` or no reader
};

struct GatewayConfig {
  std::vector<ReceiverConfig> receivers;
  std::vector<ProcessorConfig> processors;
  std::vector<ExporterConfig> exporters;
  std::vector<PipelineConfig> pipelines;
  std::optional<HealthCheckOptions> health_check;
  TelemetryOptions telemetry;
  // flameway:
  int shards = 0;  // 0: one per core
  RequestLimits request_limits;
  BatchLimits batch_limits;
  Coalesce coalesce =
      Coalesce::kLossless;  // default of each BatchPolicy, and for pipelines without one
};

}  // namespace flameway
