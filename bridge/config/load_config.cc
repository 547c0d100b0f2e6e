// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/load_config.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/config/component_table.h"
#include "bridge/config/endpoint_text.h"
#include "bridge/config/exporter_grammar.h"
#include "bridge/config/pipeline_reader.h"
#include "bridge/config/processor_grammar.h"
#include "bridge/config/receiver_grammar.h"
#include "bridge/config/section_reader.h"
#include "bridge/config/service_grammar.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// One load: the tree goes in, the configuration comes out.
class ConfigReader {
 public:
  ConfigReader(const ConfigNode& root, const Environment& environment, DiagnosticLog& log)
      : root_(root), environment_(environment), log_(log) {}

  GatewayConfig Read() {
    SectionReader top(&root_, Origin{0, 0, 0}, "", log_);
    for (const char* key : {"receivers", "processors", "exporters", "extensions", "service"}) {
      top.Ignored(key, "");
    }
    top.Unsupported("connectors", "pipelines start at receivers and end at exporters");
    // First: it holds defaults of other blocks.
    top.Child("flameway", Section::Presence::kPresent,
              [this](Section& section) { DescribeGateway(section, config_); });
    top.Finish();
    for (const ComponentKind kind : {ComponentKind::kReceiver, ComponentKind::kProcessor,
                                     ComponentKind::kExporter, ComponentKind::kExtension}) {
      components_.Define(kind, root_, log_);
    }
    ReadReceivers();
    ReadProcessors();
    ReadExporters();
    ReadService();
    if (!config_.pipelines.empty()) components_.ReportUnused(log_);
    DropUnused();
    CheckListeners();
    return std::move(config_);
  }

 private:
  using Component = ComponentTable::Component;

  SectionReader ReaderOf(const Component& component) {
    return SectionReader(&component.entry->value, component.entry->key_origin,
                         fmt::format("{}.{}", SectionName(component.kind), component.id), log_);
  }

  void ReadReceivers() {
    components_.ForEachSupported(ComponentKind::kReceiver, [this](const Component& component) {
      ReceiverConfig receiver;
      receiver.id = component.id;
      SectionReader section = ReaderOf(component);
      DescribeOtlpReceiver(section, receiver);
      section.Finish();
      config_.receivers.push_back(std::move(receiver));
    });
  }

  void ReadProcessors() {
    components_.ForEachSupported(ComponentKind::kProcessor, [this](const Component& component) {
      ProcessorConfig processor = *DefaultProcessor(component.type, config_.coalesce);
      processor.id = component.id;
      SectionReader section = ReaderOf(component);
      DescribeProcessor(section, component.type, environment_.total_memory_bytes, processor);
      section.Finish();
      config_.processors.push_back(std::move(processor));
    });
  }

  void ReadExporters() {
    components_.ForEachSupported(ComponentKind::kExporter, [this](const Component& component) {
      ExporterConfig exporter = *DefaultExporter(component.type);
      exporter.id = component.id;
      SectionReader section = ReaderOf(component);
      DescribeExporter(section, config_.coalesce, exporter);
      section.Finish();
      config_.exporters.push_back(std::move(exporter));
    });
  }

  void ReadService() {
    const ConfigNode::Entry* service = root_.FindEntry("service");
    const Origin origin = service == nullptr ? Origin{0, 0, 0} : service->key_origin;
    const ConfigNode* node = service == nullptr ? nullptr : &service->value;
    SectionReader section(node, origin, "service", log_);
    section.Ignored("pipelines", "");
    section.Ignored("extensions", "");
    section.Child("telemetry", Section::Presence::kPresent,
                  [this](Section& telemetry) { DescribeTelemetry(telemetry, config_.telemetry); });
    section.Finish();
    ReadExtensions(node == nullptr ? nullptr : node->Find("extensions"));
    config_.pipelines = ReadPipelines(node == nullptr ? nullptr : node->Find("pipelines"), origin,
                                      config_.processors, components_, log_);
  }

  void ReadExtensions(const ConfigNode* list) {
    // Defined ones are read even if nobody lists them: a mistake in them should not wait.
    std::vector<HealthCheckOptions> defined;
    components_.ForEachSupported(ComponentKind::kExtension, [&](const Component& component) {
      SectionReader section = ReaderOf(component);
      defined.emplace_back();
      defined.back().id = component.id;
      DescribeHealthCheck(section, defined.back());
      section.Finish();
    });
    if (list == nullptr || list->is_null()) return;
    if (list->kind != ConfigNode::Kind::kList) {
      log_.Add({.code = DiagnosticCode::kWrongType,
                .origin = list->origin,
                .message = "`extensions` takes a list of ids",
                .path = "service.extensions",
                .value = list});
      return;
    }
    for (const ConfigNode& item : list->items) {
      const Component* component =
          components_.Refer(ComponentKind::kExtension, item, "service.extensions", log_);
      if (component == nullptr) continue;
      if (config_.health_check) {
        log_.Add({.code = DiagnosticCode::kDuplicateReference,
                  .origin = item.origin,
                  .message = fmt::format("`{}` is the second health_check", item.text),
                  .path = "service.extensions"});
        continue;
      }
      for (const HealthCheckOptions& options : defined) {
        if (options.id == component->id) config_.health_check = options;
      }
    }
  }

  void DropUnused() {
    const auto drop = [this](ComponentKind kind, auto& all) {
      std::erase_if(all, [&](const auto& c) { return !components_.IsUsed(kind, c.id); });
    };
    drop(ComponentKind::kReceiver, config_.receivers);
    drop(ComponentKind::kProcessor, config_.processors);
    drop(ComponentKind::kExporter, config_.exporters);
  }

  // Two listeners on one port fail at the start; the configuration tells earlier and where.
  void CheckListeners() {
    struct Listener {
      std::string path;
      std::string endpoint;
    };
    std::vector<Listener> listeners;
    for (const ReceiverConfig& receiver : config_.receivers) {
      const std::string path = "receivers\n" + receiver.id + "\nprotocols\n";
      if (receiver.grpc) listeners.push_back({path + "grpc\nendpoint", receiver.grpc->endpoint});
      if (receiver.http) listeners.push_back({path + "http\nendpoint", receiver.http->endpoint});
    }
    if (config_.health_check) {
      listeners.push_back({"extensions\n" + config_.health_check->id + "\nendpoint",
                           config_.health_check->endpoint});
    }
    if (const std::optional<MetricsOptions>& metrics = config_.telemetry.metrics) {
      listeners.push_back({"service\ntelemetry\nmetrics\nreaders",
                           fmt::format("{}:{}", metrics->host, metrics->port)});
    }
    for (size_t i = 1; i < listeners.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        const std::optional<EndpointText> a = SplitEndpoint(listeners[i].endpoint);
        const std::optional<EndpointText> b = SplitEndpoint(listeners[j].endpoint);
        if (!a || !b || !SameListener(*a, *b)) continue;
        std::string other = listeners[j].path;
        std::replace(other.begin(), other.end(), '\n', '.');
        log_.Add(
            {.code = DiagnosticCode::kEndpointClash,
             .origin = OriginOf(listeners[i].path),
             .message = fmt::format("{} is taken by {} already", listeners[i].endpoint, other)});
      }
    }
  }

  // The value at a path of keys separated by line feeds, or the deepest block above it that was
  // written.
  [[nodiscard]] Origin OriginOf(std::string_view path) const {
    const ConfigNode* node = &root_;
    Origin origin;
    while (true) {
      const size_t end = path.find('\n');
      const ConfigNode::Entry* entry = node->FindEntry(path.substr(0, end));
      if (entry == nullptr) return origin;
      node = &entry->value;
      origin = node->kind == ConfigNode::Kind::kScalar ? node->origin : entry->key_origin;
      if (end == std::string_view::npos) return origin;
      path.remove_prefix(end + 1);
    }
  }

  const ConfigNode& root_;
  const Environment& environment_;
  DiagnosticLog& log_;
  ComponentTable components_;
  GatewayConfig config_;
};

}  // namespace

LoadResult LoadGatewayConfig(const ConfigSources& request, const Environment& environment) {
  LoadResult result;
  DiagnosticLog log(&result.sources);
  result.tree = ReadConfigSources(request, environment, result.sources, log);
  result.diagnostics = log.Take();
  // Text that could not be read would only make keys look missing.
  const bool unreadable =
      std::any_of(result.diagnostics.begin(), result.diagnostics.end(), [](const Diagnostic& d) {
        return d.code == DiagnosticCode::kUnreadableSource ||
               d.code == DiagnosticCode::kYamlSyntax || d.code == DiagnosticCode::kTooLarge ||
               (d.code == DiagnosticCode::kNotSupported && !d.origin.known());
      });
  if (unreadable) return result;
  DiagnosticLog all(&result.sources);
  for (Diagnostic& diagnostic : result.diagnostics) all.Keep(std::move(diagnostic));
  GatewayConfig config = ConfigReader(result.tree, environment, all).Read();
  result.diagnostics = all.Take();
  if (CountErrors(result.diagnostics) == 0) result.config = std::move(config);
  return result;
}

}  // namespace flameway
