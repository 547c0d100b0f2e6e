// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace flameway {

// What ran in a frame: the attribute profile.frame.type of its location; kAbsent without one.
enum class FrameType : uint8_t {
  kAbsent,
#define FLAMEWAY_FRAME_TYPE(enumerator, word) enumerator,
#include "processor/symbols/frame_types.def"
#undef FLAMEWAY_FRAME_TYPE
};

inline constexpr size_t kFrameTypeCount = 1
#define FLAMEWAY_FRAME_TYPE(enumerator, word) +1
#include "processor/symbols/frame_types.def"
#undef FLAMEWAY_FRAME_TYPE
    ;

// "jvm" -> kJvm, "" -> kAbsent; nothing for a word that is not in the list. For names, such a word
// is best treated as kUnknown: then only rules apply whose input cannot be mistaken.
[[nodiscard]] std::optional<FrameType> ParseFrameType(std::string_view word);
[[nodiscard]] std::string_view FrameTypeWord(FrameType type);  // "" for kAbsent

// A set of frame types: the gate of a rule.
class FrameTypes {
 public:
  constexpr FrameTypes() = default;
  constexpr FrameTypes(std::initializer_list<FrameType> types) {
    for (const FrameType type : types) bits_ |= Bit(type);
  }
  [[nodiscard]] static constexpr FrameTypes All() {
    FrameTypes all;
    all.bits_ = (uint32_t{1} << kFrameTypeCount) - 1;
    return all;
  }
  [[nodiscard]] constexpr bool Has(FrameType type) const { return (bits_ & Bit(type)) != 0; }
  [[nodiscard]] constexpr FrameTypes operator|(FrameTypes other) const {
    other.bits_ |= bits_;
    return other;
  }
  constexpr bool operator==(const FrameTypes&) const = default;

 private:
  static constexpr uint32_t Bit(FrameType type) {
    return uint32_t{1} << static_cast<uint32_t>(type);
  }
  uint32_t bits_ = 0;
};

}  // namespace flameway
