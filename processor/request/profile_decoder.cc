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

// kNone for a sample that measures nothing, kMixed for one whose counts contradict each other.
SampleShape ShapeOf(const IncomingSample& sample) {
  if (sample.value_count == 0)
    return sample.timestamp_count == 0 ? SampleShape::kNone : SampleShape::kEvents;
  if (sample.timestamp_count == 0) {
    return sample.value_count == 1 ? SampleShape::kAggregate : SampleShape::kMultiValue;
  }
  return sample.value_count == sample.timestamp_count ? SampleShape::kTimed : SampleShape::kMixed;
}

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

// Counts the varints of a packed list. `canonical` becomes false if one is longer than it need be.
bool CountVarints(Decoder& decoder, std::string_view list, uint32_t& count, bool& canonical) {
  size_t length = 0;
  count = 0;
  for (const char& c : list) {
    const auto byte = static_cast<unsigned char>(c);
    if (++length > wire::kMaxVarintBytes) return decoder.Fail(Reason::kVarintTooLong, &c);
    if (byte >= 0x80) continue;
    if (byte == 0 && length > 1) canonical = false;
    if (length == wire::kMaxVarintBytes && byte > 1) canonical = false;
    ++count;
    length = 0;
  }
  return length == 0 || decoder.Fail(Reason::kTruncated, list.data() + list.size());
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
  wire::Reader fields(message);
  while (fields.Next()) {
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
             DecodeSample(fields.bytes(), profile);
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

bool ProfileDecoder::DecodeSample(std::string_view message, IncomingProfile& profile) {
  ++decoder_.report.samples_received;
  // Written where it will stand; it counts once it is complete.
  Buffer<IncomingSample>& samples = decoder_.columns.samples;
  IncomingSample& sample = *samples.Reserve(1);
  sample = {};
  if (!ReadStraight(message, sample)) {
    sample = {};
    if (!WalkWithCare(message, sample, profile)) return false;
  }
  sample.shape = ShapeOf(sample);
  if (sample.shape == SampleShape::kNone) {
    ++profile.empty_samples;
    return true;
  }
  if (sample.shape == SampleShape::kMixed)
    Decoder::SetReason(profile.reason, Reason::kSampleLengthMismatch);
  profile.shape = profile.shape == SampleShape::kNone || profile.shape == sample.shape
                      ? sample.shape
                      : SampleShape::kMixed;
  samples.Extend(1);
  return true;
}

// Tags of one byte, each field at most once, lists packed, everything referred to there and good.
// False for anything else; then nothing is counted or appended, but `sample` may be written to.
bool ProfileDecoder::ReadStraight(std::string_view message, IncomingSample& sample) {
  RequestColumns& columns = decoder_.columns;
  std::string_view attributes;
  const char* p = message.data();
  const char* const end = p + message.size();
  while (p < end) {
    const auto tag = static_cast<unsigned char>(*p++);
    uint64_t value;
    if (tag >= otlp::kNumberingSize << 3 ||
        wire::ReadVarint(p, end, value) != wire::VarintStatus::kOk) {
      return false;
    }
    const uint32_t field = sample_fields_[tag >> 3];
    if ((tag & 7) == static_cast<unsigned>(WireType::kVarint)) {
      if (field == otlp::Sample::stack_index && value < columns.stacks.size()) {
        sample.stack = {static_cast<uint32_t>(value)};
      } else if (field == otlp::Sample::link_index && value < columns.links.size()) {
        sample.link = {static_cast<uint32_t>(value)};
      } else {
        return false;
      }
      continue;
    }
    if ((tag & 7) != static_cast<unsigned>(WireType::kBytes) ||
        value > static_cast<uint64_t>(end - p)) {
      return false;
    }
    const std::string_view list(p, static_cast<size_t>(value));
    p += value;
    if (field == otlp::Sample::timestamps_unix_nano && sample.timestamps == nullptr &&
        list.size() % 8 == 0) {
      sample.timestamps = list.data();
      sample.timestamp_count = static_cast<uint32_t>(list.size() / 8);
    } else if (field == otlp::Sample::attribute_indices && attributes.data() == nullptr) {
      attributes = list;
    } else if (field == otlp::Sample::values && list.size() == 1 && sample.values == nullptr &&
               static_cast<signed char>(list[0]) >= 0) {
      sample.values = list.data();
      sample.value_bytes = 1;
      sample.value_count = 1;
    } else {
      return false;
    }
  }
  if (!columns.stacks.all_good() || !columns.links.all_good()) return false;
  return TakeFewAttributes(attributes, sample);
}

// What FinishAttributes does, for a short list that needs no repair. False for any other; then
// nothing is counted or appended.
bool ProfileDecoder::TakeFewAttributes(std::string_view list, IncomingSample& sample) {
  constexpr size_t kFew = 8;
  RequestColumns& columns = decoder_.columns;
  const Column<IncomingAttribute>& table = columns.attributes;
  if (!table.all_good() || list.size() > 2 * kFew) return false;
  uint32_t* const out = columns.attribute_indices.Reserve(2 * kFew);
  uint64_t keys[2 * kFew];
  uint32_t count = 0;
  const char* p = list.data();
  const char* const end = p + list.size();
  while (p < end) {
    uint64_t index;
    if (wire::ReadVarint(p, end, index) != wire::VarintStatus::kOk || index >= table.size())
      return false;
    const IncomingAttribute& attribute = table.rows[index];
    // Half a fingerprint: keys that are the same, or seem so, are looked at with care.
    const uint64_t key = columns.strings.fingerprints[attribute.key.value].low;
    if (attribute.IsZero()) return false;
    for (uint32_t i = 0; i < count; ++i) {
      if (keys[i] == key) return false;
    }
    keys[count] = key;
    out[count++] = static_cast<uint32_t>(index);
  }
  if (!decoder_.CountIndices(count)) return false;
  sample.attributes = {.begin = static_cast<uint32_t>(columns.attribute_indices.size()),
                       .count = count};
  columns.attribute_indices.Extend(count);
  return true;
}

// The slow twin, for any legal form and for what is wrong.
bool ProfileDecoder::WalkWithCare(std::string_view message, IncomingSample& sample,
                                  IncomingProfile& profile) {
  int32_t stack = 0;
  int32_t link = 0;
  collected_.timestamps.clear();
  collected_.values.clear();
  wire::Reader fields(message);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field() < otlp::kNumberingSize ? sample_fields_[fields.field()]
                                                  : otlp::kUnknownField) {
      case otlp::Sample::stack_index:
        ok = decoder_.TakeInt32(fields, stack);
        break;
      case otlp::Sample::attribute_indices:
        ok = decoder_.TakeIndices(fields);
        break;
      case otlp::Sample::link_index:
        ok = decoder_.TakeInt32(fields, link);
        break;
      case otlp::Sample::values:
        ok = TakeValues(fields, sample);
        break;
      case otlp::Sample::timestamps_unix_nano:
        ok = TakeTimestamps(fields, sample);
        break;
      default:
        decoder_.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder_.Finish(fields)) return false;
  std::string_view collected;
  if (!collected_.timestamps.empty()) {
    if (!decoder_.CopyToScratch(collected_.timestamps, collected)) return false;
    sample.timestamps = collected.data();
  }
  if (!collected_.values.empty()) {
    if (!decoder_.CopyToScratch(collected_.values, collected)) return false;
    sample.values = collected.data();
    sample.value_bytes = static_cast<uint32_t>(collected.size());
  }
  sample.stack = decoder_.Refer(decoder_.columns.stacks, stack, profile.reason);
  sample.link = decoder_.Refer(decoder_.columns.links, link, profile.reason);
  Fingerprint set;
  sample.attributes = decoder_.FinishAttributes(profile.reason, set);
  return true;
}

bool ProfileDecoder::TakeTimestamps(const wire::Reader& fields, IncomingSample& sample) {
  std::string_view block;
  char single[8];
  if (fields.type() == WireType::kBytes) {
    block = fields.bytes();
    if (block.size() % 8 != 0) return decoder_.Fail(Reason::kBadFixed64Block, block.data());
  } else if (fields.type() == WireType::kFixed64) {
    std::memcpy(single, fields.position() - 8, 8);
    block = {single, 8};
  } else {
    // Up to OTLP 1.7 this number was a link, a varint.
    return decoder_.Fail(
        fields.type() == WireType::kVarint ? Reason::kSchemaTooOld : Reason::kWrongWireType,
        fields.position());
  }
  const bool in_place = fields.type() == WireType::kBytes && sample.timestamp_count == 0;
  if (in_place) {
    sample.timestamps = block.data();
  } else {
    decoder_.plain = false;
    if (collected_.timestamps.empty() && sample.timestamp_count > 0) {
      collected_.timestamps.assign(sample.timestamps, size_t{sample.timestamp_count} * 8);
    }
    collected_.timestamps.append(block);
  }
  sample.timestamp_count += static_cast<uint32_t>(block.size() / 8);
  return true;
}

bool ProfileDecoder::TakeValues(const wire::Reader& fields, IncomingSample& sample) {
  if (fields.type() == WireType::kVarint) {
    CollectValues(sample);
    wire::Writer(&collected_.values).Varint(fields.value());
    ++sample.value_count;
    return true;
  }
  if (fields.type() != WireType::kBytes) return decoder_.FailWireType(fields);
  const std::string_view block = fields.bytes();
  uint32_t count;
  bool canonical = true;
  if (!CountVarints(decoder_, block, count, canonical)) return false;
  if (canonical && sample.value_count == 0) {
    sample.values = block.data();
    sample.value_bytes = static_cast<uint32_t>(block.size());
  } else {
    CollectValues(sample);
    const char* p = block.data();
    const char* const end = p + block.size();
    for (uint64_t value; p < end && wire::ReadVarint(p, end, value) == wire::VarintStatus::kOk;) {
      wire::Writer(&collected_.values).Varint(value);
    }
  }
  sample.value_count += count;
  return true;
}

void ProfileDecoder::CollectValues(const IncomingSample& sample) {
  decoder_.plain = false;
  if (collected_.values.empty() && sample.value_count > 0)
    collected_.values.assign(sample.values, sample.value_bytes);
}

}  // namespace flameway
