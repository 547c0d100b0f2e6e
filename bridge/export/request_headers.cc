// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/request_headers.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace flameway {
namespace {

// A second one of these would change what the message means or where it ends.
constexpr std::array<std::string_view, 10> kOwnHeaders = {
    "connection",       "content-encoding",  "content-length", "content-type", "expect",
    "proxy-connection", "transfer-encoding", "upgrade",        kBatchIdHeader, "te"};
constexpr std::array<std::string_view, 2> kOwnGrpcHeaders = {"host", "user-agent"};

const uint8_t* Bytes(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status CheckHeader(const std::string& lower_name, const std::string& value) {
  if (lower_name.empty() || lower_name.front() == ':' ||
      nghttp2_check_header_name(Bytes(lower_name), lower_name.size()) == 0) {
    return absl::InvalidArgumentError("headers: \"" + absl::CHexEscape(lower_name) +
                                      "\" is no header name");
  }
  // The value may be a secret: it is not shown.
  if (nghttp2_check_header_value(Bytes(value), value.size()) == 0) {
    return absl::InvalidArgumentError("headers: the value of \"" + lower_name +
                                      "\" holds a control character");
  }
  if (Contains(kOwnHeaders, lower_name)) {
    return absl::InvalidArgumentError("headers: \"" + lower_name + "\" is set by the exporter");
  }
  return absl::OkStatus();
}

}  // namespace

std::string BatchIdText(const BatchId& id) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(id.data()), id.size()));
}

absl::StatusOr<RequestHeaders> GrpcRequestHeaders(const RequestHeaders& headers) {
  RequestHeaders checked;
  for (const auto& [name, value] : headers) {
    std::string lower = absl::AsciiStrToLower(name);
    const bool binary = lower.ends_with("-bin");
    std::string sent = binary ? absl::Base64Escape(value) : value;
    if (absl::Status status = CheckHeader(lower, sent); !status.ok()) return status;
    if (lower.starts_with("grpc-") || Contains(kOwnGrpcHeaders, lower)) {
      return absl::InvalidArgumentError("headers: \"" + lower + "\" is set by the exporter");
    }
    checked.emplace_back(std::move(lower), std::move(sent));
  }
  return checked;
}

absl::StatusOr<RequestHeaders> HttpRequestHeaders(const RequestHeaders& headers) {
  for (const auto& [name, value] : headers) {
    absl::Status status = CheckHeader(absl::AsciiStrToLower(name), value);
    if (!status.ok()) return status;
  }
  return headers;
}

}  // namespace flameway
