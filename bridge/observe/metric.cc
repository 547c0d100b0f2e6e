// SPDX-License-Identifier: Apache-2.0
#include "bridge/observe/metric.h"

namespace flameway {
namespace {

using Kind = MetricDescription::Kind;
using Severity = MetricDescription::Severity;

constexpr MetricDescription kDescriptions[] = {
#define FLAMEWAY_COUNTER(enumerator, name, kind, labels, meaning, severity, advice) \
  {name, Kind::kind, labels, meaning, Severity::severity, advice},
#include "bridge/observe/counters.def"
#undef FLAMEWAY_COUNTER
};

}  // namespace

const MetricDescription& Describe(Metric metric) {
  return kDescriptions[static_cast<size_t>(metric)];
}

}  // namespace flameway
