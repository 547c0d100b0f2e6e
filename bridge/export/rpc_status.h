// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// The parts of a google.rpc.Status we act on. It comes in `grpc-status-details-bin` and as the body
// of OTLP/HTTP errors. Its code is not read: OTLP asks to go by the transport's.
//
//   Status    1 code int32, 2 message string, 3 details Any*
//   Any       1 type_url string, 2 value bytes
//   RetryInfo 1 retry_delay Duration { 1 seconds int64, 2 nanos int32 }
struct RpcStatus {
  std::string message;
  std::optional<std::chrono::milliseconds>
      retry_delay;  // of the first RetryInfo; 0 without a duration in it
};

// nullopt when `bytes` are no such message.
[[nodiscard]] std::optional<RpcStatus> ParseRpcStatus(std::string_view bytes);

}  // namespace flameway
