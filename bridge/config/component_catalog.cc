// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/component_catalog.h"

#include <algorithm>
#include <span>

namespace flameway {
namespace {

struct Row {
  ComponentKind kind;
  std::string_view type;
  ComponentStanding standing;
  std::string_view current = "";  // of an old name
};

constexpr ComponentKind kR = ComponentKind::kReceiver;
constexpr ComponentKind kP = ComponentKind::kProcessor;
constexpr ComponentKind kE = ComponentKind::kExporter;
constexpr ComponentKind kX = ComponentKind::kExtension;
constexpr ComponentStanding kOurs = ComponentStanding::kSupported;
constexpr ComponentStanding kTheirs = ComponentStanding::kForeign;

constexpr Row kRows[] = {
    {kR, "otlp", kOurs},
    {kP, "batch", kOurs},
    {kP, "memory_limiter", kOurs},
    {kP, "queue_batch", kOurs},
    {kP, "queuebatch", kOurs, "queue_batch"},
    {kP, "attributes", kOurs},
    {kP, "resource", kOurs},
    {kP, "redaction", kOurs},
    {kP, "filter", kOurs},
    {kP, "transform", kOurs},
    {kP, "reduce", kOurs},
    {kP, "symbols", kOurs},
    {kE, "otlp_grpc", kOurs},
    {kE, "otlp_http", kOurs},
    {kE, "file", kOurs},
    {kE, "debug", kOurs},
    {kE, "nop", kOurs},
    {kE, "otlp", kOurs, "otlp_grpc"},
    {kE, "otlphttp", kOurs, "otlp_http"},
    {kX, "health_check", kOurs},
    {kX, "zpages", ComponentStanding::kIgnored},
    {kX, "pprof", ComponentStanding::kIgnored},

    {kR, "nop", kTheirs},
    {kR, "pprof", kTheirs},
    {kR, "kafka", kTheirs},
    {kR, "otlpjsonfile", kTheirs},
    {kR, "otlp_json_file", kTheirs},
    {kR, "receiver_creator", kTheirs},
    {kR, "profiling", kTheirs},
    {kR, "otelarrow", kTheirs},
    {kR, "otel_arrow", kTheirs},
    {kR, "prometheus", kTheirs},
    {kR, "hostmetrics", kTheirs},
    {kR, "host_metrics", kTheirs},
    {kR, "jaeger", kTheirs},
    {kR, "zipkin", kTheirs},
    {kR, "filelog", kTheirs},
    {kR, "file_log", kTheirs},
    {kP, "resource_detection", kTheirs},
    {kP, "resourcedetection", kTheirs, "resource_detection"},
    {kP, "k8s_attributes", kTheirs},
    {kP, "k8sattributes", kTheirs, "k8s_attributes"},
    {kP, "aws_ecs_attributes", kTheirs},
    {kP, "groupbyattrs", kTheirs},
    {kP, "probabilistic_sampler", kTheirs},
    {kP, "tail_sampling", kTheirs},
    {kP, "lookup", kTheirs},
    {kP, "schema", kTheirs},
    {kP, "geoip", kTheirs},
    {kP, "remotetap", kTheirs},
    {kP, "span", kTheirs},
    {kE, "kafka", kTheirs},
    {kE, "elasticsearch", kTheirs},
    {kE, "clickhouse", kTheirs},
    {kE, "splunk_hec", kTheirs},
    {kE, "coralogix", kTheirs},
    {kE, "load_balancing", kTheirs},
    {kE, "loadbalancing", kTheirs, "load_balancing"},
    {kE, "otelarrow", kTheirs},
    {kE, "otel_arrow", kTheirs},
    {kE, "awss3", kTheirs},
    {kE, "datadog", kTheirs},
    {kE, "pulsar", kTheirs},
    {kE, "rabbitmq", kTheirs},
    {kE, "prometheus", kTheirs},
    {kE, "prometheusremotewrite", kTheirs},
    {kE, "logging", kTheirs, "debug"},
    {kX, "file_storage", kTheirs},
    {kX, "healthcheckv2", kTheirs},
    {kX, "memory_limiter", kTheirs},
    {kX, "opamp", kTheirs},
    {kX, "otlp_encoding", kTheirs},
    {kX, "basicauth", kTheirs},
    {kX, "bearertokenauth", kTheirs},
    {kX, "oauth2client", kTheirs},
    {kX, "oidc", kTheirs},
    {kX, "sigv4auth", kTheirs},
    {kX, "headers_setter", kTheirs},
    {kX, "k8s_observer", kTheirs},
};

const Row* FindRow(ComponentKind kind, std::string_view type) {
  const auto* found = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& row) {
    return row.kind == kind && row.type == type;
  });
  return found == std::end(kRows) ? nullptr : found;
}

}  // namespace

ComponentStanding StandingOf(ComponentKind kind, std::string_view type) {
  const Row* row = FindRow(kind, type);
  return row == nullptr ? ComponentStanding::kUnknown : row->standing;
}

std::string_view CurrentName(ComponentKind kind, std::string_view type) {
  const Row* row = FindRow(kind, type);
  return row == nullptr ? std::string_view() : row->current;
}

std::vector<std::string> KnownTypes(ComponentKind kind) {
  std::vector<std::string> types;
  for (const Row& row : kRows) {
    if (row.kind == kind && row.current.empty()) types.emplace_back(row.type);
  }
  return types;
}

std::string_view KindName(ComponentKind kind) {
  constexpr std::string_view kNames[] = {"receiver", "processor", "exporter", "extension"};
  return kNames[static_cast<uint8_t>(kind)];
}

std::string_view SectionName(ComponentKind kind) {
  constexpr std::string_view kNames[] = {"receivers", "processors", "exporters", "extensions"};
  return kNames[static_cast<uint8_t>(kind)];
}

}  // namespace flameway
