// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace flameway {

// Bounds of one request. Each exists because a sender can otherwise make us spend far more memory
// or time than the bytes it sent. Exceeding a request-wide bound refuses the request (not
// retryable); a bound on one row refuses the profiles that reach the row.
struct RequestLimits {
  // Request-wide.
  size_t max_request_bytes = size_t{64} << 20;  // decompressed; OTLP 1.11's recommendation
  uint32_t max_elements =
      2'000'000;  // rows of all tables, lines, samples, profiles, attribute values
  uint32_t max_rows_per_table = 1'000'000;
  uint32_t max_profiles = 10'000;
  uint32_t max_packed_ints = 8'000'000;  // entries of all index lists

  // Per row.
  uint32_t max_string_bytes = 64 << 10;
  uint32_t max_payload_bytes = 8 << 20;  // Profile.original_payload
  uint32_t max_stack_depth = 4'096;
  uint32_t max_any_value_depth = 32;
};

// Bounds of one open batch. A batch that a request could push past them is sealed before that
// request is merged. They bound what is collected, not what a message may be: a request is never
// split on its way in, so one that alone is larger makes a batch of its own, and the bounds of its
// destinations split that on the way out.
struct BatchLimits {
  size_t max_encoded_bytes = size_t{32} << 20;  // upper bound of the encoded message
  uint32_t max_rows_per_table = 1 << 20;
};

}  // namespace flameway
