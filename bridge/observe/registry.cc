// SPDX-License-Identifier: Apache-2.0
#include "bridge/observe/registry.h"

#include <cassert>
#include <charconv>
#include <cmath>
#include <string_view>

namespace flameway {
namespace {

enum class Place : uint8_t { kHelp, kLabelValue };

// Backslash and line feed are escaped everywhere, the quote in label values only.
void AppendEscaped(std::string_view text, Place place, std::string* out) {
  for (const char c : text) {
    if (c == '\\') {
      *out += "\\\\";
    } else if (c == '\n') {
      *out += "\\n";
    } else if (c == '"' && place == Place::kLabelValue) {
      *out += "\\\"";
    } else {
      *out += c;
    }
  }
}

std::string WriteLabels(const Labels& labels) {
  if (labels.empty()) return "";
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out += ',';
    out += name;
    out += "=\"";
    AppendEscaped(value, Place::kLabelValue, &out);
    out += '"';
  }
  out += '}';
  return out;
}

[[maybe_unused]] std::string LabelNames(const Labels& labels) {
  std::string names;
  for (const auto& [name, value] : labels) {
    if (!names.empty()) names += ',';
    names += name;
  }
  return names;
}

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  char digits[64];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  assert(error == std::errc());
  out->append(digits, end);
}

struct ValueWriter {
  std::string* out;
  void operator()(const Counter* counter) const { AppendNumber(counter->value(), out); }
  void operator()(const Gauge* gauge) const { AppendNumber(gauge->value(), out); }
  void operator()(const std::function<double()>& reading) const {
    const double value = reading();
    if (std::isnan(value)) {
      *out += "NaN";
    } else if (std::isinf(value)) {
      *out += value > 0 ? "+Inf" : "-Inf";
    } else {
      AppendNumber(value, out);
    }
  }
};

void AppendHead(const MetricDescription& metric, std::string* out) {
  *out += "# HELP ";
  *out += metric.name;
  *out += ' ';
  AppendEscaped(metric.meaning, Place::kHelp, out);
  if (!metric.advice.empty()) {
    *out += ' ';
    AppendEscaped(metric.advice, Place::kHelp, out);
  }
  *out += "\n# TYPE ";
  *out += metric.name;
  *out += metric.kind == MetricDescription::Kind::kCounter ? " counter\n" : " gauge\n";
}

}  // namespace

void Registry::Add(Metric metric, Labels labels, const Counter& counter, Show show) {
  AddSeries(metric, labels, &counter, show);
}

void Registry::Add(Metric metric, Labels labels, const Gauge& gauge) {
  AddSeries(metric, labels, &gauge, Show::kAlways);
}

void Registry::Add(Metric metric, Labels labels, std::function<double()> reading) {
  AddSeries(metric, labels, std::move(reading), Show::kAlways);
}

void Registry::AddSeries(Metric metric, const Labels& labels, Source source, Show show) {
  assert(LabelNames(labels) == Describe(metric).labels);
  const MutexLock lock(mutex_);
  series_[static_cast<size_t>(metric)].push_back({WriteLabels(labels), std::move(source), show});
}

std::string Registry::PrometheusText() const {
  std::string out;
  const MutexLock lock(mutex_);
  for (size_t i = 0; i < kMetricCount; ++i) {
    const MetricDescription& metric = Describe(static_cast<Metric>(i));
    bool headed = false;
    for (const Series& series : series_[i]) {
      if (series.show == Show::kOnceCounted) {
        const auto* counter = std::get_if<const Counter*>(&series.source);
        if (counter != nullptr && (*counter)->value() == 0) continue;
      }
      if (!headed) AppendHead(metric, &out);
      headed = true;
      out += metric.name;
      out += series.labels;
      out += ' ';
      std::visit(ValueWriter{&out}, series.source);
      out += '\n';
    }
  }
  return out;
}

}  // namespace flameway
