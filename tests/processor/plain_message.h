// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "processor/model/reason.h"

namespace flameway {

// A request written plainly, and what on the wire level is wrong with it. Walks the bytes by the
// schema's descriptors, every message in it, and goes on after damage.
struct PlainMessage {
  explicit PlainMessage(std::string_view request);

  // What protobuf decoders take in several forms is in the one they all take: tags and lengths as
  // short as can be (V03: libprotobuf takes five bytes of them, we ten), strings repaired (V12:
  // libprotobuf refuses the message), unknown fields left out. Means nothing when damaged.
  std::string bytes;
  // Indexed by reason: truncated, varint_too_long, bad_tag, group_depth, int32_overflow,
  // wrong_wire_type or bad_fixed64_block stands somewhere in it.
  std::array<bool, kReasonCount> wrong{};
  // A tag over 32 bits is among the bad ones; libprotobuf cuts it and goes on.
  bool long_tag = false;
  // Attribute values nest deeper than the decoder looks; neither does this.
  bool too_deep = false;

  [[nodiscard]] bool Shows(Reason reason) const { return wrong[static_cast<size_t>(reason)]; }
  [[nodiscard]] bool sound() const;
};

}  // namespace flameway
