// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bridge/compress/decompressor.h"
#include "bridge/export/exporter.h"
#include "bridge/export/retry_options.h"
#include "bridge/flow/batch_policy.h"
#include "bridge/flow/memory_limiter_options.h"
#include "bridge/queue/queue_options.h"
#include "bridge/receive/otlp_grpc_options.h"
#include "bridge/receive/otlp_http_options.h"
#include "processor/model/limits.h"
#include "processor/transform/plan.h"
#include "proto/otlp/dialect.h"

namespace flameway {

// The dialects a receiver takes; requests of others are refused.
struct AcceptedDialects {
  bool v1_8 = true;
  bool v1_9 = true;
  bool v1_10 = true;
};

// A receiver component with its listeners.
struct ReceiverSpec {
  std::string name = "otlp";  // component id
  std::optional<OtlpGrpcReceiverOptions> grpc;
  std::optional<OtlpHttpReceiverOptions> http;
  AcceptedDialects accept;
  // What samples that read in several dialects are taken for. nullopt: what the connection was last
  // certain about, else 1.10.
  std::optional<Dialect> assumed_dialect;
};

// An exporter component. `create` binds its options to its factory of exporters.def, so that this
// struct does not grow with the list.
struct ExporterSpec {
  std::string name;  // component id
  std::function<absl::StatusOr<std::unique_ptr<Exporter>>()> create;
  QueueOptions queue;
  RetryOptions retry;
  std::optional<BatchPolicy> batch;  // the exporter's own, instead of the pipeline's
};

struct PipelineSpec {
  std::string name = "profiles";     // component id
  std::vector<size_t> receivers;     // indices into GatewayOptions::receivers
  std::vector<size_t> exporters;     // indices into GatewayOptions::exporters
  std::optional<BatchPolicy> batch;  // nullopt: each request is a batch of its own
  TransformPlan transforms;          // what rows pass on their way into a batch
};

// A small HTTP page of the gateway about itself.
struct EndpointSpec {
  std::string endpoint;  // host:port; port 0 takes a free one
  std::string path;
};

// Everything a gateway is built from; what configuration compiles to.
struct GatewayOptions {
  std::vector<ReceiverSpec> receivers;
  std::vector<ExporterSpec> exporters;
  std::vector<PipelineSpec> pipelines;

  // nullopt: DefaultMemoryLimiter.
  std::optional<MemoryLimiterOptions> memory_limiter;
  size_t shards = 0;            // threads that decode and merge; 0: one per core
  size_t inbox_requests = 256;  // waiting for each shard; further ones are refused, retryable
  RequestLimits request_limits;
  BatchLimits batch_limits;
  Coalesce coalesce = Coalesce::kLossless;  // of batches without a policy
  DecompressLimits decompress_limits;
  // From Stop until what is left is dropped. Fits Kubernetes' 30 s.
  std::chrono::milliseconds drain_deadline{25'000};

  std::optional<EndpointSpec> health;   // the Collector's health_check: localhost:13133, "/"
  std::string health_body;              // instead of the built-in JSON, when not empty
  std::optional<EndpointSpec> metrics;  // Prometheus text: localhost:8888, "/metrics"
};

}  // namespace flameway
