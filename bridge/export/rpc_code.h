// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace flameway {

// gRPC's status codes, by their numbers.
enum class RpcCode : uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "UNAVAILABLE" and so on.
[[nodiscard]] std::string_view RpcCodeName(RpcCode code);

// The value of `grpc-status`. What is no known number is kUnknown, as gRPC asks.
[[nodiscard]] RpcCode ParseRpcCode(std::string_view text);

// What an answer without `grpc-status` means, by gRPC's own mapping of HTTP statuses.
[[nodiscard]] RpcCode RpcCodeOfHttpStatus(int http_status);

}  // namespace flameway
