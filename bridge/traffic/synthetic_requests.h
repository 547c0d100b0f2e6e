// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace flameway {

// The flags of telemetrygen's `profiles`, with its meaning: one small profile of one service.
struct SyntheticOptions {
  uint64_t seed = 1;
  std::string service = "flameway-gen";
  uint32_t sample_count = 10;
  uint32_t stack_depth = 5;
  uint32_t unique_functions = 10;
  std::chrono::milliseconds profile_duration{10'000};
  std::string trace_id;  // hex; empty: no link
  std::string span_id;
  std::string sample_type_name = "samples";
  std::string sample_type_unit = "count";
  std::string period_type_name = "cpu";
  std::string period_type_unit = "nanoseconds";
  int64_t period = 10'000'000;
  uint64_t start_unix_nano = 1'767'225'600'000'000'000;
};

// Profile `number` of a sequence, each of which follows the last in time. Samples carry one value.
[[nodiscard]] std::string EncodeSyntheticRequest(const SyntheticOptions& options, uint32_t number);

// The bytes of `digits` hexadecimal digits; empty unless there are exactly so many.
[[nodiscard]] std::string BytesOfHex(std::string_view text, size_t digits);

}  // namespace flameway
