// SPDX-License-Identifier: Apache-2.0
#include "processor/model/reason.h"

namespace flameway {

std::string_view ReasonWord(Reason reason) {
  static constexpr std::string_view kWords[] = {
      "none",
#define FLAMEWAY_REASON(enumerator, word, advice) word,
#include "processor/model/reasons.def"
#undef FLAMEWAY_REASON
  };
  return kWords[static_cast<size_t>(reason)];
}

std::string_view ReasonAdvice(Reason reason) {
  static constexpr std::string_view kAdvice[] = {
      "",
#define FLAMEWAY_REASON(enumerator, word, advice) advice,
#include "processor/model/reasons.def"
#undef FLAMEWAY_REASON
  };
  return kAdvice[static_cast<size_t>(reason)];
}

}  // namespace flameway
