// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flameway {

// Everything in counters.def.
enum class Metric : uint8_t {
#define FLAMEWAY_COUNTER(enumerator, name, kind, labels, meaning, severity, advice) enumerator,
#include "bridge/observe/counters.def"
#undef FLAMEWAY_COUNTER
};

inline constexpr size_t kMetricCount = 0
#define FLAMEWAY_COUNTER(enumerator, name, kind, labels, meaning, severity, advice) +1
#include "bridge/observe/counters.def"
#undef FLAMEWAY_COUNTER
    ;

struct MetricDescription {
  enum class Kind : uint8_t { kCounter, kGauge };
  enum class Severity : uint8_t { kNormal, kSender, kLoad, kLoss };

  std::string_view name;
  Kind kind;
  std::string_view labels;  // names, separated by commas
  std::string_view meaning;
  Severity severity;
  std::string_view advice;  // empty: nothing to do
};

[[nodiscard]] const MetricDescription& Describe(Metric metric);

}  // namespace flameway
