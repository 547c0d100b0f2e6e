// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace flameway {

// C10: Go's heap profiles keep 32 frames of a stack (128 since Go 1.23), its CPU profiles 64; what
// is nearer the root is lost, and one function is counted at many roots. The method is Pyroscope's:
// of two stacks of at least 24 frames, one is taken for the other's rest if its last 16 frames
// towards the root occur in the other, at most 8 frames away from the other's root. What the other
// has beyond is appended, over several stacks if need be.
//
// It is a guess: off by default, and only for profiles where MayHaveTruncatedGoStacks.

enum class GoProfileKind : uint8_t { kHeap, kCpu };

using GoStack = std::vector<uint64_t>;  // leaf first; equal frames have equal numbers

// Whether the depths of a profile say that its stacks were cut: some are about as deep as Go's
// limit.
[[nodiscard]] bool MayHaveTruncatedGoStacks(std::span<const GoStack> stacks, GoProfileKind kind);

// Appends what is missing. Does not depend on the order of the stacks, as long as the numbers do
// not. Linear in the frames, plus sorting.
void RejoinTruncatedGoStacks(std::span<GoStack> stacks);

}  // namespace flameway
