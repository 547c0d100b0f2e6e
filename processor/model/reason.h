// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flameway {

// Why something was refused or repaired. The words are fixed: they are metric labels and stand in
// answers.
enum class Reason : uint8_t {
  kNone,
#define FLAMEWAY_REASON(enumerator, word, advice) enumerator,
#include "processor/model/reasons.def"
#undef FLAMEWAY_REASON
};

inline constexpr size_t kReasonCount = 1
#define FLAMEWAY_REASON(enumerator, word, advice) +1
#include "processor/model/reasons.def"
#undef FLAMEWAY_REASON
    ;

// Counts by reason; index with static_cast<size_t>(reason).
using ReasonCounts = std::array<uint64_t, kReasonCount>;

[[nodiscard]] std::string_view ReasonWord(Reason reason);  // "index_out_of_range"; "none" for kNone
[[nodiscard]] std::string_view ReasonAdvice(Reason reason);  // what the sender should do

}  // namespace flameway
