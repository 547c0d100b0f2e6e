// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "bridge/compress/decompressor.h"
#include "bridge/receive/ack.h"
#include "processor/request/decode_report.h"
#include "proto/otlp/dialect.h"

namespace flameway {

// The wording of every answer the gateway gives. Texts hold counts, field paths and fixed words,
// never payload.

[[nodiscard]] Answer AnswerTo(const DecodeReport& report);
// Warns a sender of an old dialect whose profiles were all taken.
[[nodiscard]] std::string ConversionNotice(Dialect dialect);
// `error` is not kNone.
[[nodiscard]] Answer AnswerTo(DecompressError error);
// A request that alone is larger than the memory budget admits.
[[nodiscard]] Answer AnswerTooLarge();
[[nodiscard]] Answer AnswerBusy(std::string message, std::chrono::milliseconds retry_after);

}  // namespace flameway
