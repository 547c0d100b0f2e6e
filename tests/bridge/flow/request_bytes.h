// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "proto/otlp/dialect.h"

namespace flameway {

// The shape of a request made for a test.
struct RequestShape {
  int profiles = 1;
  int bad_profiles = 0;  // further ones, with a stack index out of range
  int samples_per_profile = 1;
  uint64_t seed = 0;  // requests of different seeds share no stack
  // Further samples of each good profile, which have the attribute idle: true.
  int idle_samples_per_profile = 0;
  std::string service;  // the resource's service.name; empty: none
};

// An ExportProfilesServiceRequest of OTLP 1.10.
[[nodiscard]] std::string RequestBytes(const RequestShape& shape);

}  // namespace flameway
