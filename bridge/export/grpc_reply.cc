// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/grpc_reply.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "bridge/export/rpc_status.h"

namespace flameway {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

GrpcReply ReadGrpcReply(const H2Reply& reply) {
  GrpcReply read;
  const std::optional<std::string_view> status = reply.Header("grpc-status");
  if (!status.has_value()) {
    read.code = RpcCodeOfHttpStatus(reply.http_status);
    read.message = "HTTP status " + std::to_string(reply.http_status) + " without grpc-status";
    return read;
  }
  read.code = ParseRpcCode(*status);
  read.message = DecodeGrpcMessage(reply.Header("grpc-message").value_or(""));
  if (const auto details = reply.Header("grpc-status-details-bin"); details.has_value()) {
    std::string bytes;
    if (absl::Base64Unescape(absl::string_view(details->data(), details->size()), &bytes)) {
      if (auto rpc_status = ParseRpcStatus(bytes); rpc_status.has_value()) {
        read.retry_delay = rpc_status->retry_delay;
        if (read.message.empty()) read.message = std::move(rpc_status->message);
      }
    }
  }
  return read;
}

std::string GrpcPrefix(GrpcMessageForm form, uint32_t size) {
  std::string prefix(kGrpcPrefixBytes, '\0');
  prefix[0] = static_cast<char>(form);
  for (size_t i = 0; i < 4; ++i) prefix[1 + i] = static_cast<char>(size >> (24 - 8 * i) & 0xFFU);
  return prefix;
}

std::optional<GrpcMessage> ParseGrpcMessage(std::string_view body) {
  if (body.size() < kGrpcPrefixBytes) return std::nullopt;
  const auto flag = static_cast<uint8_t>(body[0]);
  uint32_t size = 0;
  for (size_t i = 1; i < kGrpcPrefixBytes; ++i) size = size << 8U | static_cast<uint8_t>(body[i]);
  if (flag > 1 || size != body.size() - kGrpcPrefixBytes) return std::nullopt;
  return GrpcMessage{.form = static_cast<GrpcMessageForm>(flag),
                     .bytes = body.substr(kGrpcPrefixBytes)};
}

std::string DecodeGrpcMessage(std::string_view encoded) {
  std::string text;
  text.reserve(encoded.size());
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '%' && i + 2 < encoded.size()) {
      const int high = HexDigit(encoded[i + 1]);
      const int low = HexDigit(encoded[i + 2]);
      if (high >= 0 && low >= 0) {
        text.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    text.push_back(encoded[i]);
  }
  return text;
}

std::string GrpcTimeoutText(std::chrono::milliseconds timeout) {
  constexpr int64_t kMostDigits = 99'999'999;
  const int64_t ms = std::max<int64_t>(1, timeout.count());
  if (ms <= kMostDigits) return std::to_string(ms) + "m";
  return std::to_string(std::min<int64_t>(kMostDigits, (ms + 999) / 1000)) + "S";
}

}  // namespace flameway
