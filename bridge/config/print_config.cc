// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/print_config.h"

#include <utility>
#include <vector>

#include "bridge/config/component_table.h"
#include "bridge/config/exporter_grammar.h"
#include "bridge/config/node_text.h"
#include "bridge/config/processor_grammar.h"
#include "bridge/config/receiver_grammar.h"
#include "bridge/config/service_grammar.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// `config` is a copy: describing takes its values by reference.
void DescribeConfig(Section& root, GatewayConfig& config) {
  root.Always("receivers", [&](Section& section) {
    for (ReceiverConfig& receiver : config.receivers) {
      section.Always(receiver.id, [&](Section& s) { DescribeOtlpReceiver(s, receiver); });
    }
  });
  root.Always("processors", [&](Section& section) {
    for (ProcessorConfig& processor : config.processors) {
      section.Always(processor.id, [&](Section& s) {
        DescribeProcessor(s, TypeOfId(processor.id), 0, processor);
      });
    }
  });
  root.Always("exporters", [&](Section& section) {
    for (ExporterConfig& exporter : config.exporters) {
      section.Always(exporter.id,
                     [&](Section& s) { DescribeExporter(s, config.coalesce, exporter); });
    }
  });
  std::vector<std::string> extensions;
  root.Always("extensions", [&](Section& section) {
    if (!config.health_check) return;
    extensions.push_back(config.health_check->id);
    section.Always(config.health_check->id,
                   [&](Section& s) { DescribeHealthCheck(s, *config.health_check); });
  });
  root.Always("service", [&](Section& service) {
    service.TextList("extensions", extensions);
    service.Always("pipelines", [&](Section& section) {
      for (PipelineConfig& pipeline : config.pipelines) {
        section.Always(pipeline.id, [&](Section& s) {
          s.TextList("receivers", pipeline.receivers);
          s.TextList("processors", pipeline.processors);
          s.TextList("exporters", pipeline.exporters);
        });
      }
    });
    service.Always("telemetry", [&](Section& s) { DescribeTelemetry(s, config.telemetry); });
  });
  root.Always("flameway", [&](Section& section) { DescribeGateway(section, config); });
}

// "from gateway.yaml:6:9" if the value at `path` was written by the user under this very key.
std::string OriginComment(const NodePath& path, const LoadResult& loaded) {
  const ConfigNode* node = &loaded.tree;
  for (const std::string& key : path) {
    node = node->Find(key);
    if (node == nullptr) return {};
  }
  const std::string place = OriginText(node->origin, loaded.sources);
  return place.empty() ? std::string() : "from " + place;
}

}  // namespace

std::string PrintConfig(const LoadResult& loaded, const PrintOptions& options) {
  ConfigNode tree;
  GatewayConfig config = *loaded.config;
  SectionWriter writer(tree, options.secrets);
  DescribeConfig(writer, config);
  if (options.format == PrintOptions::Format::kJson) return NodeToJson(tree);
  return NodeToYaml(tree, [&](const NodePath& path) {
    return options.origins == PrintOptions::Origins::kShown ? OriginComment(path, loaded)
                                                            : std::string();
  });
}

}  // namespace flameway
