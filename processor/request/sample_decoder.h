// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "processor/request/collected_lists.h"
#include "processor/request/decoder.h"
#include "proto/otlp/dialect.h"

namespace flameway {

// Decodes samples by the numbering of one dialect into columns.samples. One for each request; the
// dictionary is all there.
class SampleDecoder {
 public:
  // All are borrowed.
  SampleDecoder(Decoder& decoder, CollectedLists& collected, Dialect dialect);

  // The straight way: takes fields of samples from `p` on, where such a field may start, until one
  // is not as it should be. Returns where that one starts.
  const char* DecodeStraight(const char* p, const char* end, IncomingProfile& profile);
  // The slow twin, for any legal form and for what is wrong. False: the request is refused.
  bool Decode(std::string_view message, IncomingProfile& profile);

 private:
  bool Walk(std::string_view message, IncomingSample& sample, IncomingProfile& profile);
  bool TakeTimestamps(const wire::Reader& fields, IncomingSample& sample);
  bool TakeValues(const wire::Reader& fields, IncomingSample& sample);
  // Before the first value that cannot be viewed in place: moves what was viewed to
  // collected_.values.
  void CollectValues(const IncomingSample& sample);

  Decoder& decoder_;
  CollectedLists& collected_;
  const otlp::Numbering& fields_;
  bool may_be_straight_;
};

}  // namespace flameway
