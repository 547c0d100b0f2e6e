// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "processor/model/reason.h"

namespace flameway {

// The intended differences between the decoder and libprotobuf: where it says no and libprotobuf
// says yes, each by a rule of ours. A refusal counts as one of these only if what it names is in
// the bytes.
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
    {Reason::kRequestTooLarge, "V50: nor one on what references expand to"},
};
// And where the decoder says yes and libprotobuf no:
//
// - V03: tags and lengths of more than five bytes, as long as they are varints
// - V12: strings that are not UTF-8; they are repaired
// - attribute values nest 32 deep to us (V14) and 49 to libprotobuf; what is deeper is not looked
//   at, so damage there is not seen, and refuses the profiles that use it

// Decodes as 1.10 and parses with libprotobuf, and says what they disagree on beyond those lists;
// empty if nothing:
//
// - what is accepted is sound and libprotobuf accepts it, written plainly (plain_message.h)
// - what is refused shows what it is refused for, and is one of the listed differences or refused
//   by libprotobuf too
// - the profiles refused are those that the rules of reach refuse (request_meaning.h), no other
// - what goes out is well formed and means what libprotobuf reads
// - read as a dialect it is in by its own signs, and by that dialect's number, it is the same
[[nodiscard]] std::string DisagreementWithProtobuf(std::string_view bytes);

}  // namespace flameway
