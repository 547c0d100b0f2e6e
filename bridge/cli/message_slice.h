// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "proto/otlp/dialect.h"

namespace flameway {

struct SliceOptions {
  std::optional<size_t> profile;  // only this one, counted through the whole message
  std::optional<size_t> sample;   // only this one of each profile
  size_t max_samples = 0;         // of each profile; 0: all
};

struct MessageSlice {
  std::string bytes;  // a request of OTLP 1.10: the whole dictionary, and the chosen profiles in
                      // their resources
  size_t profiles = 0;
  size_t samples = 0;
  size_t samples_left_out = 0;  // of chosen profiles, by max_samples
};

// Cuts a message down to what is to be looked at. Fields are copied as they are but for their
// numbers, so that older dialects can be shown by what knows 1.10 only. Damage ends the message it
// is in. Linear.
[[nodiscard]] MessageSlice SliceMessage(std::string_view message, Dialect dialect,
                                        const SliceOptions& options);

}  // namespace flameway
