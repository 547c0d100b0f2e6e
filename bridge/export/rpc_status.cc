// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/rpc_status.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/wire/reader.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;
using wire::Reader;
using wire::ReadError;
using wire::WireType;

constexpr uint32_t kStatusMessage = 2;
constexpr uint32_t kStatusDetails = 3;
constexpr uint32_t kAnyTypeUrl = 1;
constexpr uint32_t kAnyValue = 2;
constexpr uint32_t kRetryInfoDelay = 1;
constexpr uint32_t kDurationSeconds = 1;
constexpr uint32_t kDurationNanos = 2;

// Ten years; keeps the sums below from overflowing, whatever was sent.
constexpr int64_t kMostSeconds = int64_t{10} * 366 * 24 * 3600;

milliseconds ParseDuration(std::string_view bytes) {
  int64_t seconds = 0;
  int64_t nanos = 0;
  Reader fields(bytes);
  while (fields.Next()) {
    if (fields.type() != WireType::kVarint) continue;
    if (fields.field() == kDurationSeconds) seconds = static_cast<int64_t>(fields.value());
    if (fields.field() == kDurationNanos) {
      nanos = static_cast<int32_t>(static_cast<uint32_t>(fields.value()));
    }
  }
  seconds = std::clamp<int64_t>(seconds, 0, kMostSeconds);
  nanos = std::clamp<int64_t>(nanos, 0, 999'999'999);
  // Rounded up: a wish of half a millisecond is not "at once".
  return std::chrono::ceil<milliseconds>(std::chrono::seconds(seconds) +
                                         std::chrono::nanoseconds(nanos));
}

std::optional<milliseconds> ParseRetryInfo(std::string_view any) {
  std::string_view type_url;
  std::string_view value;
  Reader fields(any);
  while (fields.Next()) {
    if (fields.type() != WireType::kBytes) continue;
    if (fields.field() == kAnyTypeUrl) type_url = fields.bytes();
    if (fields.field() == kAnyValue) value = fields.bytes();
  }
  if (!type_url.ends_with("/google.rpc.RetryInfo")) return std::nullopt;
  milliseconds delay{0};
  Reader info(value);
  while (info.Next()) {
    if (info.field() == kRetryInfoDelay && info.type() == WireType::kBytes) {
      delay = ParseDuration(info.bytes());
    }
  }
  return delay;
}

}  // namespace

std::optional<RpcStatus> ParseRpcStatus(std::string_view bytes) {
  RpcStatus status;
  Reader fields(bytes);
  while (fields.Next()) {
    if (fields.type() != WireType::kBytes) continue;
    if (fields.field() == kStatusMessage) status.message = std::string(fields.bytes());
    if (fields.field() == kStatusDetails && !status.retry_delay.has_value()) {
      status.retry_delay = ParseRetryInfo(fields.bytes());
    }
  }
  if (fields.error() != ReadError::kNone) return std::nullopt;
  return status;
}

}  // namespace flameway
