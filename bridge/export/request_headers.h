// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "bridge/queue/frame.h"

namespace flameway {

using RequestHeaders = std::vector<std::pair<std::string, std::string>>;

// Carries the id of the batch, in hex: a destination may recognise what it has already got.
inline constexpr std::string_view kBatchIdHeader = "x-profile-batch-id";
[[nodiscard]] std::string BatchIdText(const BatchId& id);

// The operator's `headers` for a gRPC call: names in lower case, values of names that end in "-bin"
// as base64. Refuses names and values HTTP does not allow, and headers that are the exporter's to
// set.
[[nodiscard]] absl::StatusOr<RequestHeaders> GrpcRequestHeaders(const RequestHeaders& headers);

// The same for HTTP/1.1; values stay as they are.
[[nodiscard]] absl::StatusOr<RequestHeaders> HttpRequestHeaders(const RequestHeaders& headers);

}  // namespace flameway
