// SPDX-License-Identifier: Apache-2.0
#include "processor/request/sample_decoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "processor/request/straight_rows.h"
#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::WireType;

// kNone for a sample that measures nothing, kMixed for one whose counts contradict each other.
SampleShape ShapeOf(const IncomingSample& sample) {
  if (sample.value_count == 0)
    return sample.timestamp_count == 0 ? SampleShape::kNone : SampleShape::kEvents;
  if (sample.timestamp_count == 0) {
    return sample.value_count == 1 ? SampleShape::kAggregate : SampleShape::kMultiValue;
  }
  return sample.value_count == sample.timestamp_count ? SampleShape::kTimed : SampleShape::kMixed;
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

// Tags of a sample's fields, in a dialect.
struct SampleTags {
  explicit SampleTags(const otlp::Numbering& fields) {
    const auto tag = [&](uint32_t field, WireType type) {
      const auto* const number = std::find(fields.begin(), fields.end(), field);
      return wire::OneByteTag(static_cast<uint32_t>(number - fields.begin()), type);
    };
    stack = tag(otlp::Sample::stack_index, WireType::kVarint);
    attributes = tag(otlp::Sample::attribute_indices, WireType::kBytes);
    link = tag(otlp::Sample::link_index, WireType::kVarint);
    values = tag(otlp::Sample::values, WireType::kBytes);
    timestamps = tag(otlp::Sample::timestamps_unix_nano, WireType::kBytes);
  }
  unsigned char stack, attributes, link, values, timestamps;
};

// See straight_rows.h. It takes samples whose references are all there, with few attributes of
// different keys, lists packed and in one piece, any number of timestamps, and at most one value.
class StraightSamples {
 public:
  // `keys`: half of the fingerprint of each attribute's key, by which they are told apart; of
  // attributes only row 0 is null.
  StraightSamples(Decoder& decoder, const otlp::Numbering& fields, const uint64_t* keys,
                  IncomingProfile& profile)
      : decoder_(decoder),
        columns_(decoder.columns),
        profile_(profile),
        tags_(fields),
        keys_(keys),
        last_end_(decoder.last_look_ahead()),
        stack_count_(columns_.stacks.size()),
        link_count_(columns_.links.size()),
        attribute_count_(columns_.attributes.size()) {}

  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] const char* Decode(const char* p, const char* end) {
    constexpr auto kTag = wire::OneByteTag(otlp::Profile::samples, WireType::kBytes);
    const uint64_t most_rows = decoder_.elements_left();
    const uint64_t most_indices = decoder_.indices_left();
    const size_t first_row = columns_.samples.size();
    const size_t first_index = columns_.attribute_indices.size();
    size_t rows = 0;
    while (wire::IsAt(p, end, kTag) && p <= last_end_ && rows < most_rows &&
           columns_.attribute_indices.size() - first_index + kFewAttributes <= most_indices) {
      const char* row = p + 1;
      uint64_t size = 0;
      if (!Varints::ReadShort(row, size) || static_cast<int64_t>(size) > end - row ||
          row + size > last_end_ ||
          !DecodeRow<Varints, order>(row, row + size, *columns_.samples.Reserve(1))) {
        break;
      }
      columns_.samples.Extend(1);
      ++rows;
      p = row + size;
    }
    // None of these can be too many any more.
    (void)decoder_.CountElements(columns_.samples.size() - first_row, nullptr);
    (void)decoder_.CountIndices(columns_.attribute_indices.size() - first_index);
    decoder_.report.samples_received += rows;
    return p;
  }

 private:
  static constexpr size_t kFewAttributes = 8;

  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] bool DecodeRow(const char* p, const char* end, IncomingSample& to) {
    uint64_t stack = 0;
    uint64_t link = 0;
    to.timestamps = nullptr;
    to.timestamp_count = 0;
    to.values = nullptr;
    to.value_bytes = 0;
    uint32_t attribute_count = 0;
    const char* before;
    do {
      before = p;
      if (wire::IsAt(p, end, tags_.timestamps)) {
        uint64_t size = 0;
        if (to.timestamps != nullptr || !Varints::ReadShort(++p, size) || size % 8 != 0 ||
            static_cast<int64_t>(size) > end - p) {
          return false;
        }
        to.timestamps = p;
        to.timestamp_count = static_cast<uint32_t>(size / 8);
        p += size;
      }
      // Before the link, and in older dialects before the stack.
      if (wire::IsAt(p, end, tags_.values) && !TakeValue<Varints>(p, to)) return false;
      if (wire::IsAt(p, end, tags_.link) && !Varints::ReadShort(++p, link)) return false;
      if (wire::IsAt(p, end, tags_.attributes) &&
          (attribute_count != 0 || !TakeAttributes<Varints>(p, attribute_count))) {
        return false;
      }
      if (wire::IsAt(p, end, tags_.values) && !TakeValue<Varints>(p, to)) return false;
      if (wire::IsAt(p, end, tags_.stack) && !Varints::ReadShort(++p, stack)) return false;
    } while (order == wire::FieldOrder::kAny && p < end && p != before);
    if (p != end || stack >= stack_count_ || link >= link_count_) return false;
    to.stack = {static_cast<uint32_t>(stack)};
    to.link = {static_cast<uint32_t>(link)};
    to.value_count = to.values == nullptr ? 0 : 1;
    to.shape = ShapeOf(to);
    if (to.shape == SampleShape::kNone || to.shape == SampleShape::kMixed) return false;
    if (profile_.shape != to.shape) [[unlikely]]
      profile_.shape = profile_.shape == SampleShape::kNone ? to.shape : SampleShape::kMixed;
    to.attributes = {.begin = static_cast<uint32_t>(columns_.attribute_indices.size()),
                     .count = attribute_count};
    columns_.attribute_indices.Extend(attribute_count);
    return true;
  }

  // One value in as many bytes as it needs.
  template <typename Varints>
  [[gnu::always_inline]] static bool TakeValue(const char*& p, IncomingSample& to) {
    const auto size = static_cast<unsigned char>(p[1]);
    const char* const value = p + 2;
    uint64_t ignored;
    p = value;
    if (to.values != nullptr || !Varints::ReadShort(p, ignored) || p != value + size ||
        (size > 1 && p[-1] == 0)) {
      return false;
    }
    to.values = value;
    to.value_bytes = size;
    return true;
  }

  // Into attribute_indices, where they do not count yet.
  template <typename Varints>
  [[gnu::always_inline]] bool TakeAttributes(const char*& p, uint32_t& count) {
    const auto size = static_cast<unsigned char>(p[1]);
    p += 2;
    const char* const end = p + size;
    if (size > 2 * kFewAttributes) return false;
    uint32_t* const out = columns_.attribute_indices.Reserve(kFewAttributes);
    std::array<uint64_t, kFewAttributes> keys;
    uint32_t n = 0;
    while (p < end) {
      uint64_t index;
      if (n == kFewAttributes || !Varints::ReadShort(p, index) || index == 0 ||
          index >= attribute_count_) {
        return false;
      }
      // Keys that are the same, or seem so, are looked at with care.
      const uint64_t key = keys_[index];
      for (uint32_t i = 0; i < n; ++i) {
        if (keys[i] == key) return false;
      }
      keys[n] = key;
      out[n++] = static_cast<uint32_t>(index);
    }
    count = n;
    return p == end;
  }

  Decoder& decoder_;
  RequestColumns& columns_;
  IncomingProfile& profile_;
  SampleTags tags_;
  const uint64_t* keys_;
  const char* last_end_;
  uint32_t stack_count_;
  uint32_t link_count_;
  uint32_t attribute_count_;
};

}  // namespace

SampleDecoder::SampleDecoder(Decoder& decoder, CollectedLists& collected, Dialect dialect)
    : decoder_(decoder), collected_(collected), fields_(otlp::SampleNumbering(dialect)) {
  const RequestColumns& columns = decoder.columns;
  may_be_straight_ =
      columns.stacks.all_good() && columns.links.all_good() && columns.attributes.all_good();
  Buffer<uint64_t>& keys = collected.attribute_keys;
  keys.Clear();
  uint64_t* key = keys.Reserve(columns.attributes.size());
  for (uint32_t i = 0; i < columns.attributes.size(); ++i) {
    const IncomingAttribute& attribute = columns.attributes.rows[i];
    may_be_straight_ &= i == 0 || !attribute.IsZero();
    *key++ = columns.strings.fingerprints[attribute.key.value].low;
  }
  keys.Extend(columns.attributes.size());
}

const char* SampleDecoder::DecodeStraight(const char* p, const char* end,
                                          IncomingProfile& profile) {
  if (!may_be_straight_) return p;
  return flameway::DecodeStraight(
      StraightSamples(decoder_, fields_, collected_.attribute_keys.data(), profile), p, end,
      decoder_.instructions);
}

bool SampleDecoder::Decode(std::string_view message, IncomingProfile& profile) {
  ++decoder_.report.samples_received;
  IncomingSample sample;
  if (!Walk(message, sample, profile)) return false;
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
  decoder_.columns.samples.Append(sample);
  return true;
}

bool SampleDecoder::Walk(std::string_view message, IncomingSample& sample,
                         IncomingProfile& profile) {
  int32_t stack = 0;
  int32_t link = 0;
  collected_.timestamps.clear();
  collected_.values.clear();
  wire::Reader fields(message);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field() < otlp::kNumberingSize ? fields_[fields.field()] : otlp::kUnknownField) {
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

bool SampleDecoder::TakeTimestamps(const wire::Reader& fields, IncomingSample& sample) {
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

bool SampleDecoder::TakeValues(const wire::Reader& fields, IncomingSample& sample) {
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

void SampleDecoder::CollectValues(const IncomingSample& sample) {
  decoder_.plain = false;
  if (collected_.values.empty() && sample.value_count > 0)
    collected_.values.assign(sample.values, sample.value_bytes);
}

}  // namespace flameway
