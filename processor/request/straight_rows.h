// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "proto/wire/instructions.h"
#include "proto/wire/straight.h"

namespace flameway {

// How a straight way takes references to a table: one that is there says at once whether it has the
// row;
struct RowsThere {
  static constexpr bool kBytesAreNew = false;  // they have been looked at before
  uint32_t count;
  [[nodiscard]] bool Have(uint64_t row) const { return row < count; }
};
// of one that is still to come, the highest row is asked for when it is there.
struct RowsToCome {
  static constexpr bool kBytesAreNew = true;
  uint64_t highest = 0;
  [[nodiscard]] bool Have(uint64_t row) {
    highest = std::max(highest, row);
    return true;
  }
};

// The first look at bytes is at these and at those a page's quarter later: no machine asks for what
// is across the border of a page by itself (4 % of decoding what does not lie in a cache).
template <typename References>
[[gnu::always_inline]] inline void AskAhead([[maybe_unused]] const char* p) {
  constexpr size_t kAhead = 1024;
  if constexpr (References::kBytesAreNew) __builtin_prefetch(p + kAhead);
}

// The part of a table that was decoded as soon as it was found (table_index.h): between these
// places, if any. Its rows are in their column already.
struct EarlyRows {
  // Rows at a time, for which there is room.
  static constexpr size_t kAtOnce = 1024;

  const char* begin = nullptr;
  const char* end = nullptr;
};

// The straight way through a run of neighbouring rows, each with a tag of one byte, from `p` to
// `end`: by the fastest reads this machine has, in the order of pdata as far as that goes, then in
// any. Returns where the first row starts that is not as `rows` expects. `Rows` has
//
//   template <typename Varints, wire::FieldOrder order>
//   const char* Decode(const char* p, const char* end);
//
// which does it in one order and returns how far it came. It is inlined by force, and lives in
// registers.
template <typename Varints, typename Rows>
[[gnu::always_inline]] inline const char* DecodeStraightBy(Rows& rows, const char* p,
                                                           const char* end) {
  p = rows.template Decode<Varints, wire::FieldOrder::kDescending>(p, end);
  if (p != end) p = rows.template Decode<Varints, wire::FieldOrder::kAny>(p, end);
  return p;
}

#if defined(__x86_64__)

template <typename Rows>
[[gnu::target("bmi,bmi2"), gnu::flatten]] const char* DecodeStraightByPext(Rows rows, const char* p,
                                                                           const char* end) {
  return DecodeStraightBy<wire::VarintsByPext>(rows, p, end);
}

#endif

template <typename Rows>
const char* DecodeStraight(Rows rows, const char* p, const char* end,
                           [[maybe_unused]] wire::Instructions instructions) {
#if defined(__x86_64__)
  if (instructions.fast_pext) return DecodeStraightByPext(rows, p, end);
#endif
  return DecodeStraightBy<wire::Varints>(rows, p, end);
}

}  // namespace flameway
