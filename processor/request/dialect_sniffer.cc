// SPDX-License-Identifier: Apache-2.0
#include "processor/request/dialect_sniffer.h"

#include <algorithm>
#include <array>

#include "proto/otlp/fields.h"

namespace flameway {
namespace {

using wire::Reader;
using wire::WireType;

// Samples with more entries than this are read without the check that no attribute comes twice.
constexpr size_t kMaxListToCompare = 64;

// One reading of a sample's three fields that moved.
class Reading {
 public:
  Reading(Dialect dialect, uint32_t attribute_rows, uint32_t link_rows)
      : numbering_(otlp::SampleNumbering(dialect)),
        attribute_rows_(attribute_rows),
        link_rows_(link_rows) {}

  void Start() {
    admissible_ = true;
    links_ = 0;
    values_ = timestamps_ = 0;
    attributes_ = 0;
  }

  void See(const Reader& field) {
    if (field.field() == 0 || field.field() > otlp::Sample::timestamps_unix_nano) return;
    switch (numbering_[field.field()]) {
      case otlp::Sample::values:
        values_ += Count(field);
        break;
      case otlp::Sample::attribute_indices:
        SeeAttributes(field);
        break;
      case otlp::Sample::link_index:
        admissible_ &=
            field.type() == WireType::kVarint && ++links_ == 1 && field.value() < link_rows_;
        break;
      case otlp::Sample::timestamps_unix_nano:
        timestamps_ += field.type() == WireType::kBytes ? field.bytes().size() / 8 : 1;
        break;
      default:
        break;
    }
  }

  [[nodiscard]] bool Admissible() const {
    return admissible_ && (values_ > 0 || timestamps_ > 0) &&
           (values_ == 0 || timestamps_ == 0 || values_ == timestamps_);
  }

 private:
  size_t Count(const Reader& field) {
    if (field.type() == WireType::kVarint) return 1;
    if (field.type() != WireType::kBytes) admissible_ = false;
    return static_cast<size_t>(
        std::count_if(field.bytes().begin(), field.bytes().end(),
                      [](char c) { return static_cast<signed char>(c) >= 0; }));
  }

  void SeeAttributes(const Reader& field) {
    if (field.type() == WireType::kVarint) return SeeAttribute(field.value());
    if (field.type() != WireType::kBytes) admissible_ = false;
    const char* p = field.bytes().data();
    const char* const end = p + field.bytes().size();
    uint64_t index;
    while (admissible_ && p < end) {
      if (wire::ReadVarint(p, end, index) != wire::VarintStatus::kOk) {
        admissible_ = false;
      } else {
        SeeAttribute(index);
      }
    }
  }
  void SeeAttribute(uint64_t index) {
    admissible_ &= index < attribute_rows_;
    if (attributes_ >= kMaxListToCompare) return;
    const auto end = seen_.begin() + attributes_;
    admissible_ &= std::find(seen_.begin(), end, index) == end;
    seen_[attributes_++] = index;
  }

  const otlp::Numbering& numbering_;
  uint64_t attribute_rows_;
  uint64_t link_rows_;
  bool admissible_ = true;
  int links_ = 0;
  size_t values_ = 0;
  size_t timestamps_ = 0;
  size_t attributes_ = 0;
  std::array<uint64_t, kMaxListToCompare> seen_;  // that many of them
};

class Sniffer {
 public:
  Sniffer(uint32_t attribute_rows, uint32_t link_rows)
      : new_(Dialect::kV1_10, attribute_rows, link_rows),
        old_(Dialect::kV1_9, attribute_rows, link_rows) {}

  void SeeProfile(std::string_view profile) {
    bool field_9 = false;
    bool field_10 = false;
    bool field_11 = false;
    for (Reader fields(profile); !Settled() && fields.Next();) {
      const bool list = fields.type() == WireType::kBytes;
      const bool varint = fields.type() == WireType::kVarint;
      switch (fields.field()) {
        case 1:
        case 5:
          if (list) SeeValueType(fields.bytes());
          break;
        case 2:
          // After one that only reads the new way, no sample can change the verdict; profile fields
          // still can.
          if (list && !only_new_) SeeSample(fields.bytes());
          if (list && only_new_) fields.SkipRepeats();
          break;
        case 7:
          if (list && (fields.bytes().size() == 16 || fields.bytes().empty())) since_1_9_ = true;
          break;
        case 8:
          if (list) v1_8_ = true;
          if (varint) since_1_9_ = true;
          break;
        case 9:
          if (varint) v1_8_ = true;
          if (list) since_1_9_ = true;
          field_9 |= list;
          break;
        case 10:
          field_10 |= list;
          break;
        case 11:
          if (varint) since_1_9_ = true;
          field_11 |= list;
          break;
        case 12:
          looks_like_1_8_ = true;  // attribute_indices of 1.8; unknown later
          break;
        default:
          break;
      }
    }
    // Format and payload come as a pair: 10 and 11 in 1.8, 9 and 10 later.
    looks_like_1_8_ |= field_10 && field_11 && !field_9;
  }

  [[nodiscard]] bool Settled() const { return since_1_9_ && only_new_; }

  [[nodiscard]] Dialect Verdict(Dialect assumed, DecodeReport& report) const {
    if (v1_8_ && !since_1_9_) return Dialect::kV1_8;
    if (only_new_ && only_old_) {
      report.dialect_conflict = true;
      return Dialect::kV1_10;
    }
    if (only_new_) return Dialect::kV1_10;
    if (only_old_) {
      // The two share the layout of samples; weaker signs tell them apart where it matters.
      const bool v1_8 = v1_8_ || (!since_1_9_ && (looks_like_1_8_ || assumed == Dialect::kV1_8));
      return v1_8 ? Dialect::kV1_8 : Dialect::kV1_9;
    }
    report.dialect_ambiguous = samples_seen_;
    return assumed;
  }

 private:
  void SeeValueType(std::string_view value_type) {
    for (Reader fields(value_type); fields.Next();) {
      if (fields.field() == otlp::kLegacyAggregationTemporality) v1_8_ = true;
    }
  }

  void SeeSample(std::string_view sample) {
    samples_seen_ = true;
    new_.Start();
    old_.Start();
    Reader fields(sample);
    while (fields.Next()) {
      new_.See(fields);
      old_.See(fields);
    }
    if (fields.error() != wire::ReadError::kNone) return;
    only_new_ |= new_.Admissible() && !old_.Admissible();
    only_old_ |= old_.Admissible() && !new_.Admissible();
  }

  Reading new_;
  Reading old_;
  bool v1_8_ = false;            // a sign that only 1.8 has
  bool since_1_9_ = false;       // a sign that 1.8 cannot have
  bool looks_like_1_8_ = false;  // not certain: later fields could look so
  bool only_new_ = false;        // some sample reads the 1.10 way only
  bool only_old_ = false;        // some sample reads the older way only
  bool samples_seen_ = false;
};

}  // namespace

Dialect SniffDialect(const Decoder& decoder, const std::vector<std::string_view>& resource_profiles,
                     Dialect assumed, DecodeReport& report) {
  if (decoder.references_seen) return Dialect::kV1_10;
  Sniffer sniffer(decoder.columns.attributes.size(), decoder.columns.links.size());
  for (const std::string_view resource : resource_profiles) {
    for (Reader scopes(resource); scopes.Next();) {
      if (scopes.field() != otlp::ResourceProfiles::scope_profiles ||
          scopes.type() != WireType::kBytes)
        continue;
      for (Reader profiles(scopes.bytes()); profiles.Next();) {
        if (profiles.field() != otlp::ScopeProfiles::profiles ||
            profiles.type() != WireType::kBytes)
          continue;
        sniffer.SeeProfile(profiles.bytes());
        if (sniffer.Settled()) return Dialect::kV1_10;
      }
    }
  }
  return sniffer.Verdict(assumed, report);
}

}  // namespace flameway
