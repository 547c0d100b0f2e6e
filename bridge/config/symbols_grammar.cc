// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/symbols_grammar.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "processor/symbols/frame_type.h"

namespace flameway {
namespace {

constexpr Section::Choice<DemangleMode> kDemangle[] = {{DemangleMode::kSimple, "simple"},
                                                       {DemangleMode::kTemplates, "templates"},
                                                       {DemangleMode::kFull, "full"},
                                                       {DemangleMode::kNone, "none"}};
constexpr Section::Choice<SystemName> kSystemNames[] = {{SystemName::kMangled, "mangled"},
                                                        {SystemName::kOriginal, "original"},
                                                        {SystemName::kLeave, "leave"}};
constexpr Section::Choice<JvmSeparator> kSeparators[] = {{JvmSeparator::kDot, "dot"},
                                                         {JvmSeparator::kSlash, "slash"}};
constexpr Section::Choice<CustomTarget> kTargets[] = {{CustomTarget::kName, "name"},
                                                      {CustomTarget::kFile, "file"},
                                                      {CustomTarget::kMapping, "mapping"}};
constexpr Section::Choice<AbortMarkers> kAbortMarkers[] = {{AbortMarkers::kKeep, "keep"},
                                                           {AbortMarkers::kDrop, "drop"}};
constexpr Section::Choice<RuntimeFrames> kRuntimeFrames[] = {{RuntimeFrames::kKeep, "keep"},
                                                             {RuntimeFrames::kDrop, "drop"}};
constexpr Section::Choice<RepeatedFrames> kRepeatedFrames[] = {{RepeatedFrames::kKeep, "keep"},
                                                               {RepeatedFrames::kMerge, "merge"}};

// Both lists name rules and families; a rule's own switch wins over its family's.
void DescribeSwitches(Section& section, std::vector<RuleSwitch>& switches) {
  std::vector<std::string> on;
  std::vector<std::string> off;
  for (const RuleSwitch& change : switches) {
    (change.state == SwitchState::kOn ? on : off).push_back(change.name);
  }
  section.TextList("enable", on);
  section.TextList("disable", off);
  switches.clear();
  for (std::string& name : on) switches.push_back({std::move(name), SwitchState::kOn});
  for (std::string& name : off) switches.push_back({std::move(name), SwitchState::kOff});
}

// An empty list: frames of any type, those without one too.
void DescribeGate(Section& section, FrameTypes& gate) {
  std::vector<std::string> words;
  for (size_t i = 1; gate != FrameTypes::All() && i < kFrameTypeCount; ++i) {
    const auto type = static_cast<FrameType>(i);
    if (gate.Has(type)) words.emplace_back(FrameTypeWord(type));
  }
  section.TextList("frame_types", words);
  if (words.empty()) return;
  gate = {};
  for (const std::string& word : words) {
    if (const auto type = ParseFrameType(word); type.has_value() && !word.empty()) {
      gate = gate | FrameTypes{*type};
    } else {
      section.Report("frame_types", DiagnosticCode::kBadValue,
                     fmt::format("`{}` is no frame type", word), "native, go, jvm, cpython, ...");
    }
  }
}

void DescribeRule(Section& section, CustomRule& rule) {
  section.Text("name", rule.name);
  section.Text("pattern", rule.pattern);
  section.Text("replacement", rule.replacement);
  section.Enum("target", rule.target, kTargets);
  DescribeGate(section, rule.gate);
}

void DescribeFrames(Section& section, FrameFilterOptions& frames) {
  section.Text("drop", frames.drop_frames);
  section.Text("keep", frames.keep_frames);
  section.Text("prune_from", frames.prune_from);
  section.Enum("abort_markers", frames.abort_markers, kAbortMarkers);
  section.Enum("runtime_frames", frames.runtime_frames, kRuntimeFrames);
  section.Enum("repeated_frames", frames.repeated_frames, kRepeatedFrames);
  section.Integer("max_depth", frames.max_depth, 0, 1 << 20);
}

}  // namespace

void DescribeSymbols(Section& section, SymbolsOptions& options) {
  section.Enum("demangle", options.rules.demangle, kDemangle);
  section.Enum("system_name", options.normalize.system_name, kSystemNames);
  DescribeSwitches(section, options.rules.switches);
  section.TextList("trim_prefixes", options.rules.trim_prefixes);
  section.Enum("jvm_separator", options.rules.jvm_separator, kSeparators);
  section.ChildList("rules", options.rules.rules.size(), [&](Section& item, size_t index) {
    if (index == options.rules.rules.size()) options.rules.rules.emplace_back();
    DescribeRule(item, options.rules.rules[index]);
  });
  section.Always("frames", [&](Section& child) { DescribeFrames(child, options.frames); });
  section.Integer("max_name_bytes", options.rules.max_name_bytes, 64, 1 << 20);
  section.Integer("max_path_bytes", options.rules.max_path_bytes, 64, 1 << 20);
  section.Integer("memo_names", options.normalize.memo_names, 0, 1 << 26);
}

}  // namespace flameway
