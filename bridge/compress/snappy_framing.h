// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "bridge/compress/bounded_output.h"
#include "bridge/compress/decompressor.h"

namespace flameway {

// The snappy framing format, which libsnappy leaves to its users:
//
//   stream     := identifier chunk*             chunk := type:u8 length:u24le body[length]
//   identifier := FF 06 00 00 "sNaPpY"          may be repeated
//   compressed := 00 length crc:u32le block     block: libsnappy's, 64 KiB at most when decoded
//   plain      := 01 length crc:u32le bytes     64 KiB at most
//   02 to 7F: unknown, must be refused; 80 to FE: unknown or padding, skipped
//   crc        := rotate_right(crc32c(decoded), 15) + 0xA282EAD8

// Replaces *output. Blocks that snappy does not shrink by an eighth are stored plain.
void EncodeSnappy(std::string_view input, std::string* output);

// Adds up the sizes that chunks state before anything is decoded, so that memory is taken once.
[[nodiscard]] DecompressError DecodeSnappy(std::string_view input, BoundedOutput* output);

// Whether what DecodeSnappy took is one identifier and then data chunks no longer than an encoder
// makes them, which decoders with a fixed buffer ask for.
[[nodiscard]] bool IsPlainSnappy(std::string_view input);

}  // namespace flameway
