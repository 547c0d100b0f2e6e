// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/feature_gates.h"

#include <algorithm>
#include <utility>

#include "bridge/config/nearest_name.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr std::string_view kProfiles = "service.profilesSupport";

// Gates of the Collector that speak about what we do too, and change nothing here.
const std::vector<std::string>& KnownGates() {
  static const std::vector<std::string> kGates = {
      std::string(kProfiles),           "receiverhelper.newReceiverMetrics",
      "telemetry.newPipelineTelemetry", "pkg.exporterhelper.queueBatchEnabled",
      "pdata.useProtoPooling",          "confmap.enableMergeAppendOption"};
  return kGates;
}

void Report(DiagnosticCode code, std::string message, std::string hint, FeatureGates& gates) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = std::move(message);
  diagnostic.source = "--feature-gates";
  diagnostic.hint = std::move(hint);
  gates.diagnostics.push_back(std::move(diagnostic));
}

void ReadGate(std::string_view text, FeatureGates& gates) {
  const bool on = !text.starts_with('-');
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::string gate(text);
  const std::vector<std::string>& known = KnownGates();
  if (std::find(known.begin(), known.end(), gate) == known.end()) {
    return Report(DiagnosticCode::kBadSource, fmt::format("unknown feature gate `{}`", gate),
                  DidYouMean(gate, known), gates);
  }
  (on ? gates.enabled : gates.disabled).push_back(gate);
  if (gate == kProfiles) {
    if (!on) {
      Report(DiagnosticCode::kWithoutEffect,
             "profiles cannot be switched off: there is nothing else", "", gates);
    }
    return;
  }
  if (gate == "confmap.enableMergeAppendOption" && on) {
    return Report(DiagnosticCode::kNotSupported,
                  fmt::format("feature gate `{}` is not supported yet", gate),
                  "lists are replaced by the last source", gates);
  }
  Report(DiagnosticCode::kWithoutEffect, fmt::format("feature gate `{}` has no effect", gate), "",
         gates);
}

}  // namespace

FeatureGates ParseFeatureGates(std::string_view list) {
  FeatureGates gates;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string_view gate = list.substr(0, comma);
    if (!gate.empty()) ReadGate(gate, gates);
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return gates;
}

}  // namespace flameway
