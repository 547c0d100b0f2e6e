// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flameway {

// What a set of requests looks like, in the figures that decide how it merges and compresses.
struct TrafficFigures {
  // Shares of all bytes, tags and lengths included.
  double strings = 0;
  double functions = 0;
  double locations = 0;
  double stacks = 0;
  double samples = 0;
  double stack_depth_mean = 0;
  double stack_depth_p90 = 0;
  double string_bytes_mean = 0;
  double string_bytes_p90 = 0;
  double bytes_per_event = 0;  // timestamps
  double stacks_per_sample = 0;
  double locations_per_stack = 0;  // rows: how much stacks of one request share
  double gzip_ratio = 0;           // of each request alone, level 6
  double merged_16 = 0;            // encoded bytes after merging each 16, of those before
  double merged_128 = 0;
};

[[nodiscard]] TrafficFigures FiguresOf(const std::vector<std::string>& requests);

// How much of a request stood in the same sender's request before it already, as shares of its
// rows.
struct Repetition {
  double strings = 0;
  double locations = 0;
  double stacks = 0;
};

[[nodiscard]] Repetition RepetitionOf(const std::string& before, const std::string& request);

// One row per figure, one column per set.
[[nodiscard]] std::string FiguresTable(
    const std::vector<std::pair<std::string, TrafficFigures>>& sets);

}  // namespace flameway
