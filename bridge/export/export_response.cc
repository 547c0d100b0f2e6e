// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/export_response.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

using wire::Reader;
using wire::ReadError;
using wire::WireType;

bool ReadPartialSuccess(std::string_view bytes, ExportResponse* response) {
  Reader fields(bytes);
  while (fields.Next()) {
    if (fields.field() == otlp::ExportProfilesPartialSuccess::rejected_profiles &&
        fields.type() == WireType::kVarint) {
      response->rejected_profiles = std::max<int64_t>(0, static_cast<int64_t>(fields.value()));
    } else if (fields.field() == otlp::ExportProfilesPartialSuccess::error_message &&
               fields.type() == WireType::kBytes) {
      response->error_message = std::string(fields.bytes());
    }
  }
  return fields.error() == ReadError::kNone;
}

}  // namespace

std::optional<ExportResponse> ParseExportResponse(std::string_view bytes) {
  ExportResponse response;
  Reader fields(bytes);
  while (fields.Next()) {
    if (fields.field() == otlp::ExportProfilesServiceResponse::partial_success &&
        fields.type() == WireType::kBytes && !ReadPartialSuccess(fields.bytes(), &response)) {
      return std::nullopt;
    }
  }
  if (fields.error() != ReadError::kNone) return std::nullopt;
  return response;
}

}  // namespace flameway
