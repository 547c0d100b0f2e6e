// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bridge/observe/counter.h"
#include "bridge/observe/metric.h"
#include "bridge/observe/mutex.h"

namespace flameway {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Knows where the numbers are; owns none. What is added must outlive the last call of
// PrometheusText. Any thread; Add is for start-up, PrometheusText for scrapes (one pass over all
// series, no allocation per sample but the text).
class Registry {
 public:
  enum class Show : uint8_t {
    kAlways,
    kOnceCounted,  // left out while 0: for labels with many possible values
  };

  // The names in `labels` must be those counters.def gives for the metric, in that order.
  void Add(Metric metric, Labels labels, const Counter& counter, Show show = Show::kAlways);
  void Add(Metric metric, Labels labels, const Gauge& gauge);
  // For what is computed when asked. `reading` is called from the scraping thread.
  void Add(Metric metric, Labels labels, std::function<double()> reading);

  // The text exposition format, content type kPrometheusContentType.
  [[nodiscard]] std::string PrometheusText() const;

 private:
  using Source = std::variant<const Counter*, const Gauge*, std::function<double()>>;
  struct Series {
    std::string labels;  // as written: {a="b",c="d"} or empty
    Source source;
    Show show;
  };

  void AddSeries(Metric metric, const Labels& labels, Source source, Show show);

  mutable Mutex mutex_;
  std::array<std::vector<Series>, kMetricCount> series_ ABSL_GUARDED_BY(mutex_);
};

inline constexpr char kPrometheusContentType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace flameway
