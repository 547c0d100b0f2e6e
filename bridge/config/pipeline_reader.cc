// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/pipeline_reader.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "bridge/config/nearest_name.h"
#include "bridge/config/section_reader.h"
#include "fmt/format.h"

namespace flameway {
namespace {

bool IsForeignSignal(std::string_view signal) {
  return signal == "traces" || signal == "metrics" || signal == "logs";
}

class PipelineReader {
 public:
  PipelineReader(const std::vector<ProcessorConfig>& processors, ComponentTable& components,
                 DiagnosticLog& log)
      : processors_(processors), components_(components), log_(log) {}

  void Read(const ConfigNode::Entry& entry, std::vector<PipelineConfig>& pipelines) {
    const std::string signal(TypeOfId(entry.key));
    if (!IsComponentId(entry.key)) {
      Add(DiagnosticCode::kBadId, entry, fmt::format("`{}` is no pipeline id", entry.key),
          "profiles or profiles/name");
      return;
    }
    if (signal != "profiles") {
      RefuseSignal(entry, signal);
      return;
    }
    PipelineConfig pipeline;
    pipeline.id = entry.key;
    const std::string path = "service.pipelines." + entry.key;
    SectionReader section(&entry.value, entry.key_origin, path, log_);
    // The lists need the origin of each item, which Section does not give.
    for (const char* key : {"receivers", "processors", "exporters"}) section.Ignored(key, "");
    section.Finish();
    pipeline.receivers = References(ComponentKind::kReceiver, entry, path);
    pipeline.processors = References(ComponentKind::kProcessor, entry, path);
    pipeline.exporters = References(ComponentKind::kExporter, entry, path);
    ResolveProcessors(entry, pipeline);
    pipelines.push_back(std::move(pipeline));
  }

 private:
  void Add(DiagnosticCode code, const ConfigNode::Entry& entry, std::string message,
           std::string hint) {
    log_.Add({.code = code,
              .origin = entry.key_origin,
              .message = std::move(message),
              .hint = std::move(hint),
              .path = "service.pipelines",
              .value = &entry.value});
  }

  void RefuseSignal(const ConfigNode::Entry& entry, const std::string& signal) {
    if (IsForeignSignal(signal)) {
      Add(DiagnosticCode::kUnsupportedSignal, entry,
          fmt::format("pipeline `{}`: Flameway carries profiles only", entry.key),
          fmt::format("keep {} in a Collector beside it", signal));
    } else {
      const std::vector<std::string> known = {"profiles"};
      Add(DiagnosticCode::kUnsupportedSignal, entry,
          fmt::format("pipeline `{}`: unknown signal `{}`", entry.key, signal),
          DidYouMean(signal, known));
    }
    // What only this pipeline uses needs no second finding.
    for (const ComponentKind kind :
         {ComponentKind::kReceiver, ComponentKind::kProcessor, ComponentKind::kExporter}) {
      const ConfigNode* list = entry.value.Find(SectionName(kind));
      if (list == nullptr) continue;
      for (const ConfigNode& item : list->items) components_.MarkUsed(kind, item.text);
    }
  }

  std::vector<std::string> References(ComponentKind kind, const ConfigNode::Entry& pipeline,
                                      const std::string& path) {
    std::vector<std::string> ids;
    const ConfigNode* list = pipeline.value.Find(SectionName(kind));
    const std::string list_path = fmt::format("{}.{}", path, SectionName(kind));
    const bool absent = list == nullptr || list->is_null();
    if (!absent && list->kind != ConfigNode::Kind::kList) {
      log_.Add({.code = DiagnosticCode::kWrongType,
                .origin = list->origin,
                .message = fmt::format("`{}` takes a list of ids", SectionName(kind)),
                .hint = list->kind == ConfigNode::Kind::kScalar
                            ? fmt::format("write [{}]", QuoteValue(*list))
                            : std::string(),
                .path = list_path,
                .value = list});
      return ids;
    }
    if ((absent || list->items.empty()) && kind != ComponentKind::kProcessor) {
      log_.Add({.code = DiagnosticCode::kEmptyPipeline,
                .origin = absent ? pipeline.key_origin : list->origin,
                .message = fmt::format("pipeline `{}` has no {}s", pipeline.key, KindName(kind)),
                .path = path});
    }
    if (absent) return ids;
    for (const ConfigNode& item : list->items) {
      const ComponentTable::Component* component = components_.Refer(kind, item, list_path, log_);
      if (std::find(ids.begin(), ids.end(), item.text) != ids.end()) {
        log_.Add({.code = DiagnosticCode::kDuplicateReference,
                  .origin = item.origin,
                  .message = fmt::format("`{}` is listed twice", item.text),
                  .path = list_path});
      } else if (component != nullptr) {
        ids.push_back(item.text);
      }
    }
    return ids;
  }

  void ResolveProcessors(const ConfigNode::Entry& entry, PipelineConfig& pipeline) {
    std::vector<std::shared_ptr<const TransformRecipe>> recipes;
    for (const std::string& id : pipeline.processors) {
      const auto found = std::find_if(processors_.begin(), processors_.end(),
                                      [&](const ProcessorConfig& p) { return p.id == id; });
      if (found == processors_.end()) continue;
      if (std::holds_alternative<TransformOptions>(found->options)) {
        // Null after a mistake, which is reported where it stands.
        if (found->recipe != nullptr) recipes.push_back(found->recipe);
        continue;
      }
      bool second = false;
      if (const auto* batch = std::get_if<BatchPolicy>(&found->options)) {
        second = pipeline.batch.has_value();
        pipeline.batch = *batch;
      } else {
        second = pipeline.memory_limiter.has_value();
        pipeline.memory_limiter = std::get<MemoryLimiterOptions>(found->options);
      }
      if (!second) continue;
      const ConfigNode* list = entry.value.Find("processors");
      const auto item = std::find_if(list->items.begin(), list->items.end(),
                                     [&](const ConfigNode& node) { return node.text == id; });
      log_.Add({.code = DiagnosticCode::kDuplicateReference,
                .origin = item->origin,
                .message = fmt::format("`{}` is the second of its kind in this pipeline", id),
                .hint = "one batch and one memory_limiter",
                .path = fmt::format("service.pipelines.{}.processors", entry.key)});
    }
    pipeline.transforms = TransformPlan(std::move(recipes));
    if (pipeline.transforms.frame_filters() <= TransformChain::kMaxFrameFilters) return;
    log_.Add({.code = DiagnosticCode::kConflict,
              .origin = entry.value.Find("processors")->origin,
              .message = fmt::format("pipeline `{}` filters frames in {} steps; at most {} can",
                                     entry.key, pipeline.transforms.frame_filters(),
                                     TransformChain::kMaxFrameFilters),
              .hint = "put conditions on frames into one filter",
              .path = fmt::format("service.pipelines.{}.processors", entry.key)});
  }

  const std::vector<ProcessorConfig>& processors_;
  ComponentTable& components_;
  DiagnosticLog& log_;
};

}  // namespace

std::vector<PipelineConfig> ReadPipelines(const ConfigNode* pipelines, Origin service,
                                          const std::vector<ProcessorConfig>& processors,
                                          ComponentTable& components, DiagnosticLog& log) {
  std::vector<PipelineConfig> result;
  if (pipelines != nullptr && !pipelines->is_map() && !pipelines->is_null()) {
    log.Add({.code = DiagnosticCode::kWrongType,
             .origin = pipelines->origin,
             .message = "`pipelines` takes a map of pipelines",
             .path = "service.pipelines"});
    return result;
  }
  if (pipelines == nullptr || pipelines->entries.empty()) {
    log.Add({.code = DiagnosticCode::kEmptyPipeline,
             .origin = service,
             .message = "no pipeline is defined",
             .hint = "add service.pipelines.profiles",
             .path = "service"});
    return result;
  }
  PipelineReader reader(processors, components, log);
  for (const ConfigNode::Entry& entry : pipelines->entries) reader.Read(entry, result);
  return result;
}

}  // namespace flameway
