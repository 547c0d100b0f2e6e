// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/joining.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "proto/otlp/fields.h"
#include "proto/wire/varint.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

// Adds in 64 bits, stopping at the largest value: only times, which wrap in hostile input alone.
uint64_t SaturatingAdd(uint64_t a, uint64_t b) {
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<uint64_t>::max() : sum;
}

bool HasPlainValues(SampleShape shape) {
  return shape == SampleShape::kAggregate || shape == SampleShape::kMultiValue ||
         shape == SampleShape::kMixed || shape == SampleShape::kNone;
}

void AppendValueType(uint32_t field, StringId type, StringId unit, std::string& out) {
  const auto size = [](StringId id) { return id.is_null() ? 0 : 1 + wire::VarintSize(id.value()); };
  wire::Writer writer(&out);
  writer.BytesPrefix(field, size(type) + size(unit));
  writer.VarintFieldUnlessZero(otlp::ValueType::type_strindex, type.value());
  writer.VarintFieldUnlessZero(otlp::ValueType::unit_strindex, unit.value());
}

}  // namespace

TimeIdentity TimeIdentityOf(SampleShape shape, uint64_t time_unix_nano, uint64_t duration_nano,
                            Coalesce coalesce) {
  const bool windowed = HasPlainValues(shape) && coalesce != Coalesce::kAll;
  const bool timeless = time_unix_nano == 0;
  if (!windowed && !timeless) return {};
  return {.kind = 1 + uint64_t{timeless},
          .time_unix_nano = windowed ? time_unix_nano : 0,
          .duration_nano = duration_nano};
}

void WidenRange(ProfileNode& node, uint64_t time_unix_nano, uint64_t duration_nano) {
  const uint64_t end = std::max(SaturatingAdd(node.time_unix_nano, node.duration_nano),
                                SaturatingAdd(time_unix_nano, duration_nano));
  node.time_unix_nano = std::min(node.time_unix_nano, time_unix_nano);
  node.duration_nano = end - node.time_unix_nano;
}

int64_t SingleValue(const IncomingSample& sample) {
  const char* p = sample.values;
  uint64_t value = 0;
  // The list was checked to hold exactly one varint.
  (void)wire::ReadVarint(p, p + sample.value_bytes, value);
  return static_cast<int64_t>(value);
}

bool AddMeasured(BatchContent& content, SampleNode& node, const IncomingSample& sample) {
  // By the node's shape: were the two joined by a false match, the sample's would be another.
  if (node.shape == SampleShape::kAggregate) {
    int64_t& total = content.Total(node);
    int64_t sum;
    if (__builtin_add_overflow(total, SingleValue(sample), &sum)) return false;
    total = sum;
    return true;
  }
  node.measured =
      content.points.Append(node.measured, {sample.timestamps, size_t{sample.timestamp_count} * 8},
                            {sample.values, sample.value_bytes});
  return true;
}

void EncodeProfileHead(const ProfileHead& head, std::string& out) {
  out.clear();
  wire::Writer writer(&out);
  // Both types are written even when empty: some receivers follow them without looking.
  AppendValueType(otlp::Profile::sample_type, head.type, head.type_unit, out);
  AppendValueType(otlp::Profile::period_type, head.period_type, head.period_unit, out);
  writer.VarintFieldUnlessZero(otlp::Profile::period, static_cast<uint64_t>(head.period));
  if (!head.profile_id.empty()) writer.BytesField(otlp::Profile::profile_id, head.profile_id);
  writer.VarintFieldUnlessZero(otlp::Profile::dropped_attributes_count,
                               head.dropped_attributes_count);
  if (!head.payload_format.empty()) {
    writer.BytesField(otlp::Profile::original_payload_format, head.payload_format);
  }
  if (!head.payload.empty()) writer.BytesField(otlp::Profile::original_payload, head.payload);
}

}  // namespace flameway
