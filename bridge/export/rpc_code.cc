// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/rpc_code.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flameway {
namespace {

constexpr std::array<std::string_view, 17> kNames = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

}  // namespace

std::string_view RpcCodeName(RpcCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

RpcCode ParseRpcCode(std::string_view text) {
  uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool known = error == std::errc() && stop == end && number < kNames.size();
  return known ? static_cast<RpcCode>(number) : RpcCode::kUnknown;
}

RpcCode RpcCodeOfHttpStatus(int http_status) {
  switch (http_status) {
    case 400:
      return RpcCode::kInternal;
    case 401:
      return RpcCode::kUnauthenticated;
    case 403:
      return RpcCode::kPermissionDenied;
    case 404:
      return RpcCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return RpcCode::kUnavailable;
    default:
      return RpcCode::kUnknown;
  }
}

}  // namespace flameway
