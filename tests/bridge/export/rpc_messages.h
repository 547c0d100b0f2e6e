// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/wire/writer.h"

namespace flameway {

// A google.rpc.Status without details.
inline std::string RpcStatusMessage(std::string_view message) {
  std::string status;
  wire::Writer(&status).VarintField(1, 8);
  wire::Writer(&status).BytesField(2, message);
  return status;
}

// The same with a RetryInfo.
inline std::string RpcStatusMessage(std::string_view message, int64_t seconds, int32_t nanos) {
  std::string duration;
  wire::Writer(&duration).VarintField(1, static_cast<uint64_t>(seconds));
  wire::Writer(&duration).VarintField(2, static_cast<uint64_t>(static_cast<int64_t>(nanos)));
  std::string retry_info;
  wire::Writer(&retry_info).BytesField(1, duration);
  std::string any;
  wire::Writer(&any).BytesField(1, "type.googleapis.com/google.rpc.RetryInfo");
  wire::Writer(&any).BytesField(2, retry_info);
  std::string status = RpcStatusMessage(message);
  wire::Writer(&status).BytesField(3, any);
  return status;
}

// An ExportProfilesServiceResponse with a partial_success.
inline std::string ExportResponseMessage(int64_t rejected, std::string_view message) {
  std::string partial;
  wire::Writer(&partial).VarintField(1, static_cast<uint64_t>(rejected));
  wire::Writer(&partial).BytesField(2, message);
  std::string response;
  wire::Writer(&response).BytesField(1, partial);
  return response;
}

}  // namespace flameway
