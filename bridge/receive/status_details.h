// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bridge/receive/ack.h"

namespace flameway {

// A google.rpc.Status as OTLP/HTTP wants it in the body of every error and gRPC in
// grpc-status-details-bin:
//
//   Status         1 code int32, 2 message string, 3 details Any*
//   Any            1 type_url string, 2 value bytes
//   RetryInfo      1 retry_delay Duration { 1 seconds int64, 2 nanos int32 }
//   BadRequest     1 field_violations FieldViolation*
//   FieldViolation 1 field string, 2 description string
struct StatusDetails {
  int32_t code = 0;  // gRPC's numbers
  std::string message;
  std::optional<std::chrono::milliseconds> retry_delay;  // set: a RetryInfo
  std::vector<Answer::Violation> violations;             // not empty: a BadRequest
};

[[nodiscard]] std::string EncodeStatusDetails(const StatusDetails& status);

// The same in protobuf's JSON mapping.
[[nodiscard]] std::string StatusDetailsJson(const StatusDetails& status);

// Appends one field of a protobuf message; the few messages written here need no more.
void AppendVarintField(uint32_t field, uint64_t value, std::string* out);
void AppendBytesField(uint32_t field, const std::string& bytes, std::string* out);

}  // namespace flameway
