// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libdeflate.h>

#include <string_view>

#include "bridge/compress/bounded_output.h"
#include "bridge/compress/decompressor.h"

namespace flameway {

// Decodes one or more gzip members (RFC 1952) up to the end of `input`, checksums and sizes
// checked. libdeflate decodes a member in one go or not at all: when the room was too small, the
// member is decoded again into four times as much, a third more work in the worst case. The last
// member's size field makes the first try fit whenever there is one honest member.
// Sets *plain to whether the input was one member with a header of the ten required bytes.
[[nodiscard]] DecompressError DecodeGzip(libdeflate_decompressor* context, std::string_view input,
                                         BoundedOutput* output, bool* plain);

}  // namespace flameway
