// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/zipf.h"

#include <algorithm>
#include <cmath>

namespace flameway {

Zipf::Zipf(size_t size, double exponent) {
  cumulative_.reserve(size);
  double sum = 0;
  for (size_t rank = 1; rank <= size; ++rank) {
    sum += std::pow(static_cast<double>(rank), -exponent);
    cumulative_.push_back(sum);
  }
}

uint32_t Zipf::Draw(SeededRandom& random) const {
  const double at = random.Unit() * cumulative_.back();
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, at);
  return static_cast<uint32_t>(found - cumulative_.begin());
}

}  // namespace flameway
