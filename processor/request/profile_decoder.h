// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/request/collected_lists.h"
#include "processor/request/decoder.h"
#include "processor/request/sample_decoder.h"
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
        samples_(decoder, collected, dialect),
        dialect_(dialect) {}

  // Fills `profile`, whose reason may be set already.
  bool Decode(std::string_view message, IncomingProfile& profile);

 private:
  bool DecodeValueType(std::string_view message, WireIndex& type, WireIndex& unit,
                       IncomingProfile& profile);
  bool FailWireType(uint32_t field, const wire::Reader& fields);

  Decoder& decoder_;
  CollectedLists& collected_;
  const otlp::Numbering& profile_fields_;
  SampleDecoder samples_;
  Dialect dialect_;
};

}  // namespace flameway
