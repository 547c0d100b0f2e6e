// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "processor/request/decoder.h"

namespace flameway {

// The canonical bytes of an AnyValue: at most one member, shortest varints, strings inline and well
// formed, lists and their elements the same way. Two values are equal when their canonical bytes
// are: int 1 is not double 1.0, doubles go by bit pattern, an explicitly empty string is not
// "unset", and it does not matter whether a string came inline or by reference. "Unset" is the
// empty view.
//
// `value` is a view of `wire` when that was canonical already, else of scratch. `reason` is set
// when the value cannot be used (bad reference, too deep, string too long). False: the request is
// refused.
bool DecodeAnyValue(Decoder& decoder, std::string_view wire, std::string_view& value,
                    Reason& reason);

// The same, appended to `out`. `depth` counts the lists around it.
bool AppendAnyValue(Decoder& decoder, std::string_view wire, uint32_t depth, std::string& out,
                    Reason& reason);

// A KeyValue as resources and scopes have it: its key, and its canonical bytes, valid until the
// next one.
bool DecodeKeyValue(Decoder& decoder, std::string_view wire, std::string_view& key,
                    std::string_view& canonical, Reason& reason);

// Appends a canonical KeyValue (key inline, value present) and yields its key.
bool AppendKeyValue(Decoder& decoder, std::string_view wire, uint32_t depth, std::string& out,
                    std::string_view& key, Reason& reason);

}  // namespace flameway
