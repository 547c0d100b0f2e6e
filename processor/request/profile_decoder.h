// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/request/collected_lists.h"
#include "processor/request/decoder.h"
#include "proto/otlp/dialect.h"

namespace flameway {

// Decodes profiles and their samples by the numbering of one dialect. A profile's samples stand
// together in columns.samples; a profile that cannot be used keeps its reason and is skipped by the
// batch.
class ProfileDecoder {
 public:
  // All are borrowed.
  ProfileDecoder(Decoder& decoder, CollectedLists& collected, Dialect dialect)
      : decoder_(decoder),
        collected_(collected),
        profile_fields_(otlp::ProfileNumbering(dialect)),
        sample_fields_(otlp::SampleNumbering(dialect)),
        dialect_(dialect) {}

  // Fills `profile`, whose reason may be set already.
  bool Decode(std::string_view message, IncomingProfile& profile);

 private:
  bool DecodeSample(std::string_view message, IncomingProfile& profile);
  bool ReadStraight(std::string_view message, IncomingSample& sample);
  bool TakeFewAttributes(std::string_view list, IncomingSample& sample);
  bool WalkWithCare(std::string_view message, IncomingSample& sample, IncomingProfile& profile);
  bool DecodeValueType(std::string_view message, WireIndex& type, WireIndex& unit,
                       IncomingProfile& profile);
  bool TakeTimestamps(const wire::Reader& fields, IncomingSample& sample);
  bool TakeValues(const wire::Reader& fields, IncomingSample& sample);
  bool FailWireType(uint32_t field, const wire::Reader& fields);
  // Before the first value that cannot be viewed in place: moves what was viewed to
  // collected_.values.
  void CollectValues(const IncomingSample& sample);

  Decoder& decoder_;
  CollectedLists& collected_;
  const otlp::Numbering& profile_fields_;
  const otlp::Numbering& sample_fields_;
  Dialect dialect_;
};

}  // namespace flameway
