// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/frame_type.h"

#include <iterator>

namespace flameway {
namespace {

constexpr std::string_view kWords[] = {
    "",
#define FLAMEWAY_FRAME_TYPE(enumerator, word) word,
#include "processor/symbols/frame_types.def"
#undef FLAMEWAY_FRAME_TYPE
};

}  // namespace

std::optional<FrameType> ParseFrameType(std::string_view word) {
  for (size_t i = 0; i < std::size(kWords); ++i) {
    if (kWords[i] == word) return static_cast<FrameType>(i);
  }
  return std::nullopt;
}

std::string_view FrameTypeWord(FrameType type) { return kWords[static_cast<size_t>(type)]; }

}  // namespace flameway
