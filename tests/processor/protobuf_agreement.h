// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "processor/model/reason.h"

namespace flameway {

// Where the decoder says no and libprotobuf may say yes, each by a rule of ours.
struct StricterThanProtobuf {
  Reason reason;
  std::string_view why;
};
inline constexpr StricterThanProtobuf kStricterThanProtobuf[] = {
    {Reason::kInt32Overflow, "V04: protobuf cuts 2^32 + 1 to 1"},
    {Reason::kBadTag, "V05: protobuf cuts tags to 32 bits"},
    {Reason::kGroupDepth, "V07: protobuf skips groups up to 100 deep"},
    {Reason::kWrongWireType, "V08: to protobuf it is an unknown field"},
    {Reason::kSchemaTooOld, "V61: a wrong wire type that has a name"},
    {Reason::kRow0NotZero, "V24: text in string 0 names everything unnamed"},
    {Reason::kTooManyElements, "V50: protobuf has no such limit"},
    {Reason::kRequestTooLarge, "V51: nor this one"},
};

// Decodes as 1.10 and parses with libprotobuf, and says what they disagree on beyond that list;
// empty if nothing:
//
// - what is refused for another reason of the wire (truncated, varint_too_long, bad_fixed64_block),
//   libprotobuf refuses
// - what is accepted, whole or in part, libprotobuf accepts once it is written plainly: tags and
//   lengths in their shortest form (V03: protobuf takes five bytes of them, we ten), strings
//   repaired (V12: protobuf refuses the message)
// - when nothing was refused or left out, what goes out means what libprotobuf reads
// - what goes out is well formed
[[nodiscard]] std::string DisagreementWithProtobuf(std::string_view bytes);

}  // namespace flameway
