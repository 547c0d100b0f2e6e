// SPDX-License-Identifier: Apache-2.0
#include "processor/request/profile_decoder.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::WireType;

constexpr size_t kProfileIdBytes = 16;

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

}  // namespace

// Fields that had another wire type up to OTLP 1.7 tell such a sender for certain.
bool ProfileDecoder::FailWireType(uint32_t field, const wire::Reader& fields) {
  const bool bytes = fields.type() == WireType::kBytes;
  const bool old = field == otlp::Profile::time_unix_nano ||
                   (field == otlp::Profile::duration_nano && bytes) ||
                   (field == otlp::Profile::period_type && fields.type() == WireType::kVarint) ||
                   (field == otlp::Profile::period && bytes);
  return decoder_.Fail(old ? Reason::kSchemaTooOld : Reason::kWrongWireType, fields.position());
}

bool ProfileDecoder::DecodeValueType(std::string_view message, WireIndex& type, WireIndex& unit,
                                     IncomingProfile& profile) {
  int32_t type_index = 0;
  int32_t unit_index = 0;
  wire::Reader fields(message);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field()) {
      case otlp::ValueType::type_strindex:
        ok = decoder_.TakeInt32(fields, type_index);
        break;
      case otlp::ValueType::unit_strindex:
        ok = decoder_.TakeInt32(fields, unit_index);
        break;
      case otlp::kLegacyAggregationTemporality:
        if (dialect_ == Dialect::kV1_8) {
          decoder_.Repair(Reason::kLegacyField);
          profile.cumulative |= fields.value() == otlp::kLegacyTemporalityCumulative;
          break;
        }
        [[fallthrough]];
      default:
        decoder_.CountUnknownField();
    }
    if (!ok) return false;
  }
  type = decoder_.ReferString(type_index, profile.reason);
  unit = decoder_.ReferString(unit_index, profile.reason);
  return decoder_.Finish(fields);
}

bool ProfileDecoder::Decode(std::string_view message, IncomingProfile& profile) {
  std::string_view sample_type;
  std::string_view period_type;
  int sample_types = 0;
  int period_types = 0;
  collected_.profile_attributes.Clear();  // of a profile that was refused half-way
  profile.samples.begin = static_cast<uint32_t>(decoder_.columns.samples.size());
  const char* const end = message.data() + message.size();
  wire::Reader fields(message);
  while (true) {
    const char* const here = fields.position();
    if (const char* const p = samples_.DecodeStraight(here, end, profile); p != here)
      fields = wire::Reader({p, end});
    if (!fields.Next()) break;
    const uint32_t field =
        fields.field() < otlp::kNumberingSize ? profile_fields_[fields.field()] : 0;
    const bool bytes = fields.type() == WireType::kBytes;
    const bool varint = fields.type() == WireType::kVarint;
    bool ok = true;
    switch (field) {
      case otlp::Profile::sample_type:
        ok = decoder_.TakeBytes(fields, sample_type);
        ++sample_types;
        break;
      case otlp::Profile::samples:
        if (!bytes) return decoder_.FailWireType(fields);
        ok = decoder_.CountElements(1, fields.bytes().data()) &&
             samples_.Decode(fields.bytes(), profile);
        break;
      case otlp::Profile::time_unix_nano:
        if (fields.type() != WireType::kFixed64) return FailWireType(field, fields);
        profile.time_unix_nano = fields.value();
        break;
      case otlp::Profile::duration_nano:
        if (!varint) return FailWireType(field, fields);
        profile.duration_nano = fields.value();
        break;
      case otlp::Profile::period_type:
        if (!bytes) return FailWireType(field, fields);
        period_type = fields.bytes();
        ++period_types;
        break;
      case otlp::Profile::period:
        if (!varint) return FailWireType(field, fields);
        profile.period = static_cast<int64_t>(fields.value());
        break;
      case otlp::Profile::profile_id:
        ok = decoder_.TakeBytes(fields, profile.profile_id);
        break;
      case otlp::Profile::dropped_attributes_count:
        ok = decoder_.TakeUint32(fields, profile.dropped_attributes_count);
        break;
      case otlp::Profile::original_payload_format:
        ok = decoder_.TakeString(fields, profile.payload_format, profile.reason);
        break;
      case otlp::Profile::original_payload:
        ok = decoder_.TakeBytes(fields, profile.payload);
        break;
      case otlp::Profile::attribute_indices:
        // Samples collect their lists in between, so this one waits in a list of its own.
        decoder_.plain &= collected_.profile_attributes.empty();
        ok = decoder_.TakeIndices(fields);
        collected_.profile_attributes.Append(std::span<const uint32_t>(decoder_.index_list));
        decoder_.index_list.Clear();
        break;
      case otlp::kLegacyField:
        decoder_.Repair(Reason::kLegacyField);
        break;
      default:
        decoder_.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder_.Finish(fields)) return false;
  if (sample_types > 1 &&
      !decoder_.JoinOccurrences(message, otlp::Profile::sample_type, sample_type))
    return false;
  if (period_types > 1 &&
      !decoder_.JoinOccurrences(message, otlp::Profile::period_type, period_type))
    return false;
  if (!DecodeValueType(sample_type, profile.type, profile.type_unit, profile) ||
      !DecodeValueType(period_type, profile.period_type, profile.period_unit, profile)) {
    return false;
  }
  std::swap(decoder_.index_list, collected_.profile_attributes);
  profile.attributes = decoder_.FinishAttributes(profile.reason, profile.attribute_set);
  profile.samples.count =
      static_cast<uint32_t>(decoder_.columns.samples.size()) - profile.samples.begin;
  if (profile.samples.count == 0 && profile.empty_samples > 0) {
    Decoder::SetReason(profile.reason, Reason::kSampleEmpty);
  }
  if (!profile.profile_id.empty() &&
      (profile.profile_id.size() != kProfileIdBytes || AllZero(profile.profile_id))) {
    decoder_.Repair(Reason::kBadProfileId);
    profile.profile_id = {};
  }
  if (profile.payload.size() > decoder_.limits.max_payload_bytes) {
    Decoder::SetReason(profile.reason, Reason::kPayloadTooLarge);
  }
  return true;
}

}  // namespace flameway
