// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/encode/encode.h"

namespace flameway {

// Splits `whole`, the encoding of `content`, into messages of at most options.max_message_bytes,
// each with just the dictionary it needs. The encoded batch goes through the core again, part by
// part: halves of the samples, and of a single large sample halves of its points. Slow by design:
// only batches over a destination's limit come here.
EncodeResult SplitEncoded(const BatchContent& content, std::string_view whole,
                          const EncodeOptions& options);

}  // namespace flameway
