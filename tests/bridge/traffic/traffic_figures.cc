// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/traffic/traffic_figures.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "bridge/compress/compressor.h"
#include "fmt/format.h"
#include "processor/processor.h"
#include "tests/support/corpus.h"

namespace flameway {
namespace {

double Mean(const std::vector<size_t>& values) {
  const auto sum = std::accumulate(values.begin(), values.end(), size_t{0});
  return static_cast<double>(sum) / static_cast<double>(values.size());
}

double Percentile90(std::vector<size_t>* values) {
  const auto at = values->begin() + static_cast<std::ptrdiff_t>(values->size() * 9 / 10);
  std::nth_element(values->begin(), at, values->end());
  return static_cast<double>(*at);
}

size_t RowBytes(size_t size) { return size + (size < 128 ? 2 : size < 16384 ? 3 : 4); }

opentelemetry::proto::profiles::v1development::ProfilesDictionary MergedDictionary(
    std::initializer_list<std::string_view> requests) {
  Processor processor({});
  for (const std::string_view request : requests) {
    if (processor.Decode(request).outcome != DecodeReport::Outcome::kAccepted) std::abort();
    processor.Merge();
  }
  const SealedBatch batch = processor.Seal();
  const auto parsed = ParseRequest(Encode(batch, {}).messages.at(0).bytes);
  if (!parsed.ok()) std::abort();
  return parsed->dictionary();
}

double MergedShare(const std::vector<std::string>& requests, size_t k) {
  Processor processor({.batch = {.limits = {.max_encoded_bytes = size_t{1} << 30,
                                            .max_rows_per_table = 1u << 28}}});
  size_t in = 0;
  size_t out = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    if (processor.Decode(requests[i]).outcome != DecodeReport::Outcome::kAccepted) std::abort();
    in += requests[i].size();
    processor.Merge();
    if ((i + 1) % k != 0 && i + 1 != requests.size()) continue;
    SealedBatch batch = processor.Seal();
    for (const EncodedMessage& message : Encode(batch, {}).messages) out += message.bytes.size();
    processor.Recycle(std::move(batch));
  }
  return static_cast<double>(out) / static_cast<double>(in);
}

}  // namespace

TrafficFigures FiguresOf(const std::vector<std::string>& requests) {
  size_t bytes = 0, packed_bytes = 0;
  size_t strings = 0, functions = 0, locations = 0, stacks = 0, samples = 0;
  size_t events = 0, sample_count = 0, location_count = 0;
  std::vector<size_t> depths, lengths;
  Compressor compressor;
  std::string packed;
  for (const std::string& request : requests) {
    bytes += request.size();
    if (!compressor.Compress(Codec::kGzip, 6, request, &packed).ok()) std::abort();
    packed_bytes += packed.size();
    const auto parsed = ParseRequest(request);
    if (!parsed.ok()) std::abort();
    const auto& dictionary = parsed->dictionary();
    for (const auto& text : dictionary.string_table()) {
      strings += RowBytes(text.size());
      lengths.push_back(text.size());
    }
    for (const auto& row : dictionary.function_table()) functions += RowBytes(row.ByteSizeLong());
    for (const auto& row : dictionary.location_table()) locations += RowBytes(row.ByteSizeLong());
    for (const auto& row : dictionary.stack_table()) {
      stacks += RowBytes(row.ByteSizeLong());
      depths.push_back(static_cast<size_t>(row.location_indices_size()));
    }
    location_count += static_cast<size_t>(dictionary.location_table_size());
    for (const auto& resource : parsed->resource_profiles()) {
      for (const auto& scope : resource.scope_profiles()) {
        for (const auto& profile : scope.profiles()) {
          for (const auto& sample : profile.samples()) {
            samples += RowBytes(sample.ByteSizeLong());
            ++sample_count;
            events += static_cast<size_t>(sample.timestamps_unix_nano_size());
          }
        }
      }
    }
  }
  const auto of = [](size_t part, size_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  TrafficFigures figures;
  figures.strings = of(strings, bytes);
  figures.functions = of(functions, bytes);
  figures.locations = of(locations, bytes);
  figures.stacks = of(stacks, bytes);
  figures.samples = of(samples, bytes);
  figures.stack_depth_mean = Mean(depths);
  figures.stack_depth_p90 = Percentile90(&depths);
  figures.string_bytes_mean = Mean(lengths);
  figures.string_bytes_p90 = Percentile90(&lengths);
  figures.bytes_per_event = of(bytes, events);
  figures.stacks_per_sample = of(depths.size(), sample_count);
  figures.locations_per_stack = of(location_count, depths.size());
  figures.gzip_ratio = of(bytes, packed_bytes);
  figures.merged_16 = MergedShare(requests, 16);
  figures.merged_128 = MergedShare(requests, 128);
  return figures;
}

Repetition RepetitionOf(const std::string& before, const std::string& request) {
  const auto first = MergedDictionary({before});
  const auto second = MergedDictionary({request});
  const auto both = MergedDictionary({before, request});
  const auto seen = [](int in_first, int in_second, int in_both) {
    return static_cast<double>(in_first + in_second - in_both) / static_cast<double>(in_second);
  };
  return {
      .strings =
          seen(first.string_table_size(), second.string_table_size(), both.string_table_size()),
      .locations = seen(first.location_table_size(), second.location_table_size(),
                        both.location_table_size()),
      .stacks = seen(first.stack_table_size(), second.stack_table_size(), both.stack_table_size())};
}

std::string FiguresTable(const std::vector<std::pair<std::string, TrafficFigures>>& sets) {
  using Figure = std::pair<const char*, double TrafficFigures::*>;
  static constexpr std::array<Figure, 15> kFigures = {{
      {"strings, share of bytes", &TrafficFigures::strings},
      {"functions", &TrafficFigures::functions},
      {"locations", &TrafficFigures::locations},
      {"stacks", &TrafficFigures::stacks},
      {"samples", &TrafficFigures::samples},
      {"stack depth, mean", &TrafficFigures::stack_depth_mean},
      {"stack depth, p90", &TrafficFigures::stack_depth_p90},
      {"string bytes, mean", &TrafficFigures::string_bytes_mean},
      {"string bytes, p90", &TrafficFigures::string_bytes_p90},
      {"bytes per event", &TrafficFigures::bytes_per_event},
      {"stacks per sample", &TrafficFigures::stacks_per_sample},
      {"locations per stack", &TrafficFigures::locations_per_stack},
      {"gzip ratio", &TrafficFigures::gzip_ratio},
      {"merged K = 16, out : in", &TrafficFigures::merged_16},
      {"merged K = 128", &TrafficFigures::merged_128},
  }};
  std::string table = fmt::format("| {:<24} |", "");
  for (const auto& [name, figures] : sets) table += fmt::format(" {:>16} |", name);
  table += '\n';
  for (const auto& [name, figure] : kFigures) {
    table += fmt::format("| {:<24} |", name);
    for (const auto& [set, figures] : sets) table += fmt::format(" {:>16.3f} |", figures.*figure);
    table += '\n';
  }
  return table;
}

}  // namespace flameway
