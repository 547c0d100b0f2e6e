// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace flameway {

// Draws that depend on the seed alone: the engine's numbers are fixed by the standard, and no
// distribution of the library is used.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  [[nodiscard]] uint64_t Bits() { return engine_(); }
  // 0 to count - 1; the slight bias for large counts does not matter to tests.
  [[nodiscard]] size_t Below(size_t count) { return count == 0 ? 0 : engine_() % count; }
  // first to last, both included.
  [[nodiscard]] int Between(int first, int last) {
    return first + static_cast<int>(Below(static_cast<size_t>(last - first + 1)));
  }
  [[nodiscard]] bool Chance(double share) {
    return share > 0 && static_cast<double>(engine_() >> 11) * 0x1p-53 < share;
  }

  // For std::shuffle.
  using result_type = std::mt19937_64::result_type;
  static constexpr result_type min() { return std::mt19937_64::min(); }
  static constexpr result_type max() { return std::mt19937_64::max(); }
  result_type operator()() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace flameway
