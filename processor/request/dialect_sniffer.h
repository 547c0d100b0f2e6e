// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "processor/request/decoder.h"
#include "proto/otlp/dialect.h"

namespace flameway {

// Which of the three encodings a request is in. They share package, path and most field numbers,
// and the wrong decoder reads values as attributes without an error, so this is decided before any
// sample is read.
//
// In order: string references exist only since 1.10; profile fields that only 1.8 or only later
// ones can have; then each sample is read both ways {attributes, link, values} = {2, 3, 4} and {3,
// 4, 2}, and a reading that breaks the rules (wire types, shape, index ranges) is out. Wire types
// alone must not decide: some senders write lists unpacked. Stops at the first certain sign
// of 1.10, which is the usual first sample, and looks at everything only for old or undecided
// requests.
//
// Needs the number of rows in the attribute and link tables; reads `resource_profiles`; sets the
// dialect fields of decoder.report. Damage is not its business: what it cannot read decides
// nothing.
Dialect SniffDialect(const Decoder& decoder, const std::vector<std::string_view>& resource_profiles,
                     Dialect assumed, DecodeReport& report);

}  // namespace flameway
