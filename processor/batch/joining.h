// SPDX-License-Identifier: Apache-2.0
// What may be joined, and how: docs/decisions/0003-what-may-be-joined.md. Shared by the plain way
// of merging and the one with transforms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "processor/batch/content.h"
#include "processor/model/ids.h"
#include "processor/request/columns.h"

namespace flameway {

// The part of a profile's time that belongs to its identity, as words of its key.
struct TimeIdentity {
  uint64_t kind = 0;  // 0: none, its range becomes the union of all that join
  uint64_t time_unix_nano = 0;
  uint64_t duration_nano = 0;
  bool operator==(const TimeIdentity&) const = default;
};
// Plain values say nothing but their window, so a heap snapshot is never added to the next one.
// Timestamps keep their own time; a profile without a time stays with its like.
[[nodiscard]] TimeIdentity TimeIdentityOf(SampleShape shape, uint64_t time_unix_nano,
                                          uint64_t duration_nano, Coalesce coalesce);

// Widens the range of an output profile that others join.
void WidenRange(ProfileNode& node, uint64_t time_unix_nano, uint64_t duration_nano);

// Adds to a known sample what one more of its identity measured. False, and nothing is changed,
// when the sum would not fit: a second sample then says the rest, so that nothing wraps or
// saturates.
[[nodiscard]] bool AddMeasured(BatchContent& content, SampleNode& node,
                               const IncomingSample& sample);
// The only value of a kAggregate sample.
[[nodiscard]] int64_t SingleValue(const IncomingSample& sample);

// The fields of a profile but for samples, times and attributes.
struct ProfileHead {
  StringId type, type_unit, period_type, period_unit;
  int64_t period = 0;
  std::string_view profile_id;
  uint32_t dropped_attributes_count = 0;
  std::string_view payload_format, payload;
};
void EncodeProfileHead(const ProfileHead& head, std::string& out);  // replaces `out`

}  // namespace flameway
