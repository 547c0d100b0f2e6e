// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace flameway {

// SplitMix64's finalizer: a number whose bits all depend on all bits of the input.
[[nodiscard]] constexpr uint64_t MixBits(uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}
[[nodiscard]] constexpr uint64_t MixBits(uint64_t a, uint64_t b) { return MixBits(MixBits(a) ^ b); }

// The same numbers for the same seed with every compiler and library, which the standard's
// distributions do not promise. Not for secrets.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(MixBits(seed)) {}

  uint64_t Next() { return MixBits(state_++); }
  // In [0, bound); 0 for a bound of 0. The bias of at most bound / 2^32 does not matter here.
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(((Next() >> 32) * bound) >> 32); }
  // In [low, high].
  uint32_t Between(uint32_t low, uint32_t high) { return low + Below(high - low + 1); }
  // In [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  bool Chance(double probability) { return Unit() < probability; }

 private:
  uint64_t state_;
};

}  // namespace flameway
