// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/request_times.h"

#include <algorithm>
#include <cstring>

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

using wire::Reader;
using wire::ReadError;
using wire::WireType;

}  // namespace

std::optional<RequestTimes> RequestTimes::Of(std::string_view request) {
  RequestTimes times;
  Reader fields(request);
  while (fields.Next()) {
    if (fields.field() != otlp::ExportProfilesServiceRequest::resource_profiles) continue;
    if (fields.type() != WireType::kBytes) return std::nullopt;
    Reader resource(fields.bytes());
    while (resource.Next()) {
      if (resource.field() != otlp::ResourceProfiles::scope_profiles) continue;
      if (resource.type() != WireType::kBytes) return std::nullopt;
      Reader scope(resource.bytes());
      while (scope.Next()) {
        if (scope.field() != otlp::ScopeProfiles::profiles) continue;
        if (scope.type() != WireType::kBytes) return std::nullopt;
        if (!times.ReadProfile(scope.bytes(), request.data())) return std::nullopt;
      }
      if (scope.error() != ReadError::kNone) return std::nullopt;
    }
    if (resource.error() != ReadError::kNone) return std::nullopt;
  }
  if (fields.error() != ReadError::kNone) return std::nullopt;
  return times;
}

bool RequestTimes::ReadProfile(std::string_view profile, const char* base) {
  ++profiles_;
  uint64_t start = 0;
  uint64_t duration = 0;
  const auto add_single = [&](const Reader& at) {
    spans_.push_back({.offset = static_cast<size_t>(at.position() - 8 - base), .count = 1});
  };
  Reader fields(profile);
  while (fields.Next()) {
    switch (fields.field()) {
      case otlp::Profile::time_unix_nano:
        if (fields.type() != WireType::kFixed64) return false;
        start = fields.value();
        add_single(fields);
        break;
      case otlp::Profile::duration_nano:
        duration = fields.value();
        break;
      case otlp::Profile::samples: {
        if (fields.type() != WireType::kBytes) return false;
        ++samples_;
        Reader sample(fields.bytes());
        while (sample.Next()) {
          if (sample.field() != otlp::Sample::timestamps_unix_nano) continue;
          if (sample.type() == WireType::kBytes) {
            if (sample.bytes().size() % 8 != 0) return false;
            spans_.push_back({.offset = static_cast<size_t>(sample.bytes().data() - base),
                              .count = sample.bytes().size() / 8});
          } else if (sample.type() == WireType::kFixed64) {
            add_single(sample);
          }
        }
        if (sample.error() != ReadError::kNone) return false;
        break;
      }
      default:
        break;
    }
  }
  end_ = std::max(end_, start + duration);
  return fields.error() == ReadError::kNone;
}

void RequestTimes::Shift(int64_t nanos, std::string* request) const {
  for (const Span& span : spans_) {
    char* at = request->data() + span.offset;
    for (size_t i = 0; i < span.count; ++i, at += 8) {
      uint64_t time;
      std::memcpy(&time, at, sizeof time);
      if (time == 0) continue;
      time += static_cast<uint64_t>(nanos);
      std::memcpy(at, &time, sizeof time);
    }
  }
}

}  // namespace flameway
