// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace flameway {

// exporters.debug
struct DebugExporterOptions {
  enum class Verbosity : uint8_t { kBasic, kNormal, kDetailed };
  Verbosity verbosity = Verbosity::kBasic;
};

}  // namespace flameway
