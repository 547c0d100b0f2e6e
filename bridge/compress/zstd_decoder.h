// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zstd.h>

#include <string_view>

#include "bridge/compress/bounded_output.h"
#include "bridge/compress/decompressor.h"

namespace flameway {

// RFC 9659: windows of zstd as a content coding are at most 8 MiB.
inline constexpr int kZstdMaxWindowLog = 23;

// Decodes frames and skippable frames (RFC 8878) up to the end of `input`. A frame that states its
// size is decoded in one go, without a window of its own; any other (Go's encoder states none
// beyond one block) is streamed, and stopped at the bound. Frames with a larger window are damaged,
// even where they could be decoded in one go: an answer must not depend on how a body was cut.
// `context` may come from a decoding that failed.
[[nodiscard]] DecompressError DecodeZstd(ZSTD_DCtx* context, std::string_view input,
                                         BoundedOutput* output);

// Whether what DecodeZstd took is one frame that needs no dictionary, and nothing else.
[[nodiscard]] bool IsPlainZstd(std::string_view input);

}  // namespace flameway
