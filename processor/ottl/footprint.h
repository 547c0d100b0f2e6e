// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "processor/ottl/path.h"

namespace flameway::ottl {

// What a condition or statement touches, known before it is evaluated: so the transform can decide
// to evaluate it once for a resource, a profile, an attribute set or a function row, and before
// anything below is looked at. Each use is listed once, in the order written.
struct Footprint {
  ContextSet contexts_read;
  ContextSet contexts_written;
  std::vector<PathUse> reads;
  std::vector<PathUse> writes;

  void Read(PathUse use);
  void Write(PathUse use);
  void Add(const Footprint& other);
};

}  // namespace flameway::ottl
