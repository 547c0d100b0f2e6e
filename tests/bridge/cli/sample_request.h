// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flameway {

// What a small request says: one resource, one scope, and profiles of samples that each have one
// stack of one frame.
struct SampleRequest {
  struct Sample {
    std::string function = "main";
    std::vector<uint64_t> timestamps = {1'000};
    int32_t stack_index = -1;  // not negative: written instead of the right one
  };
  std::string service = "checkout";
  std::vector<std::vector<Sample>> profiles = {{Sample{}}};
  // Where the first frame's name goes in the string table: any order means the same.
  bool reversed_strings = false;
};

// The bytes of it.
[[nodiscard]] std::string EncodeSampleRequest(const SampleRequest& request);

// Each message after its length, as the Collector's file exporter writes them.
[[nodiscard]] std::string LengthPrefixed(const std::vector<std::string>& messages);

}  // namespace flameway
