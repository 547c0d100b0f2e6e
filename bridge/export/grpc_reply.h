// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/export/h2_exchange.h"
#include "bridge/export/rpc_code.h"

namespace flameway {

// The outcome of a unary call that a peer answered, trailers-only answers included.
struct GrpcReply {
  RpcCode code = RpcCode::kUnknown;
  std::string message;                                   // decoded, or a sentence of ours
  std::optional<std::chrono::milliseconds> retry_delay;  // of a RetryInfo
};

// Reads grpc-status, grpc-message and grpc-status-details-bin of a complete reply. Without
// grpc-status the HTTP status decides.
[[nodiscard]] GrpcReply ReadGrpcReply(const H2Reply& reply);

// gRPC's message frame: 1 byte compressed flag, 4 bytes big-endian length, the message.
inline constexpr size_t kGrpcPrefixBytes = 5;
enum class GrpcMessageForm : uint8_t { kIdentity = 0, kCompressed = 1 };
struct GrpcMessage {
  GrpcMessageForm form = GrpcMessageForm::kIdentity;
  std::string_view bytes;  // into the body
};

// The prefix of a message of `size` bytes, below 4 GiB.
[[nodiscard]] std::string GrpcPrefix(GrpcMessageForm form, uint32_t size);
// The one message of a unary answer. nullopt unless `body` is exactly one frame.
[[nodiscard]] std::optional<GrpcMessage> ParseGrpcMessage(std::string_view body);

// grpc-message: "%XX" for what is no printable ASCII. Broken escapes stay as they are.
[[nodiscard]] std::string DecodeGrpcMessage(std::string_view encoded);

// The value of `grpc-timeout`, at most 8 digits and a unit; rounded up.
[[nodiscard]] std::string GrpcTimeoutText(std::chrono::milliseconds timeout);

}  // namespace flameway
