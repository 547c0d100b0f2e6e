// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bridge/traffic/seeded_random.h"

namespace flameway {

// Draws 0 .. size-1, rank r with a weight of 1 / (r + 1)^exponent. Immutable; a draw costs a binary
// search.
class Zipf {
 public:
  Zipf(size_t size, double exponent);  // size >= 1

  [[nodiscard]] uint32_t Draw(SeededRandom& random) const;

 private:
  std::vector<double> cumulative_;
};

}  // namespace flameway
