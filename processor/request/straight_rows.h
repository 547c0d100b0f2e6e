// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proto/wire/straight.h"

namespace flameway {

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
                           [[maybe_unused]] bool has_fast_pext) {
#if defined(__x86_64__)
  if (has_fast_pext) return DecodeStraightByPext(rows, p, end);
#endif
  return DecodeStraightBy<wire::Varints>(rows, p, end);
}

}  // namespace flameway
