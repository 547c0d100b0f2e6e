// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "bridge/export/exporter.h"
#include "bridge/export/rpc_code.h"

namespace flameway {

// Whether the destination said when to come back.
enum class RetryHint : uint8_t { kNone, kGiven };

// OTLP's table of gRPC codes: kRetry for CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE,
// UNAVAILABLE, DATA_LOSS and, given a RetryInfo, RESOURCE_EXHAUSTED; kPermanent for the rest;
// kDelivered for OK.
[[nodiscard]] Delivery::Outcome ClassifyRpc(RpcCode code, RetryHint hint);

// OTLP's table of HTTP statuses: kDelivered for 2xx, kRetry for 429, 502, 503 and 504, kPermanent
// for the rest, redirects among them: following one would let a destination send us anywhere.
[[nodiscard]] Delivery::Outcome ClassifyHttp(int status);

}  // namespace flameway
