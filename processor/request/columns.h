// SPDX-License-Identifier: Apache-2.0
// A decoded request: one column of rows per table, indices checked, nothing copied that could be
// viewed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "processor/model/buffer.h"
#include "processor/model/fingerprint.h"
#include "processor/model/ids.h"
#include "processor/model/reason.h"

namespace flameway {

// A part of one of the flat lists below.
struct ListSpan {
  uint32_t begin = 0;
  uint32_t count = 0;
};

// What the rows of one table say. Row 0 is always there and zero, or carries the reason why it is
// not.
template <typename Row>
struct Column {
  Buffer<Row> rows;
  Buffer<Fingerprint> fingerprints;
  // Why a row cannot be used, be it for its own sake or for what it refers to; kNone for good rows.
  // A profile that reaches a bad row is refused for this reason; a bad row that nobody reaches
  // harms nobody. Empty as long as all rows are good, as is usual: then it need not be looked at.
  Buffer<Reason> reasons;

  // With the row that is being decoded.
  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(rows.size()); }
  [[nodiscard]] bool all_good() const { return reasons.empty(); }
  void Clear() {
    rows.Clear();
    fingerprints.Clear();
    reasons.Clear();
  }
  void Reserve(size_t count) {
    rows.Reserve(count);
    fingerprints.Reserve(count);
  }
  // Completes the row that was appended to `rows` last. Fingerprints of the large tables are made
  // when all their rows are there (column_prints.h).
  void Close(Reason reason) {
    if (reason != Reason::kNone || !all_good()) [[unlikely]] {
      reasons.Resize(rows.size() - 1, Reason::kNone);
      reasons.Append(reason);
    }
  }
  void Close(const Fingerprint& fingerprint, Reason reason) {
    fingerprints.Append(fingerprint);
    Close(reason);
  }
  // The first reason of a row stays.
  void SetReason(uint32_t row, Reason reason) {
    if (all_good()) reasons.Resize(rows.size(), Reason::kNone);
    if (reasons[row] == Reason::kNone) reasons[row] = reason;
  }
};

// IsZero tells the null row, judged on decoded values: it is "not set", whatever its index.

struct IncomingAttribute {
  WireIndex key, unit;
  std::string_view value;  // canonical AnyValue (any_value.h); empty: unset

  [[nodiscard]] bool IsZero() const { return key.value == 0 && unit.value == 0 && value.empty(); }
};

struct IncomingFunction {
  WireIndex name, system_name, filename;
  int64_t start_line = 0;

  [[nodiscard]] bool IsZero() const {
    return name.value == 0 && system_name.value == 0 && filename.value == 0 && start_line == 0;
  }
};

struct IncomingMapping {
  uint64_t memory_start = 0, memory_limit = 0, file_offset = 0;
  WireIndex filename;
  ListSpan attributes;

  [[nodiscard]] bool IsZero() const {
    return memory_start == 0 && memory_limit == 0 && file_offset == 0 && filename.value == 0 &&
           attributes.count == 0;
  }
};

struct IncomingLine {
  WireIndex function;
  int64_t line = 0, column = 0;
};

struct IncomingLocation {
  WireIndex mapping;
  uint64_t address = 0;
  ListSpan lines;
  ListSpan attributes;

  [[nodiscard]] bool IsZero() const {
    return mapping.value == 0 && address == 0 && lines.count == 0 && attributes.count == 0;
  }
};

struct IncomingStack {
  ListSpan locations;

  [[nodiscard]] bool IsZero() const { return locations.count == 0; }
};

struct IncomingLink {
  std::string_view trace_id, span_id;  // 16 and 8 bytes; both empty for "no link"

  [[nodiscard]] bool IsZero() const { return trace_id.empty() && span_id.empty(); }
};

// What a sample measures. Profiles join only with profiles of the same shape, samples with samples
// of the same.
enum class SampleShape : uint8_t {
  kNone,        // a profile without samples
  kEvents,      // timestamps only, each counts 1
  kTimed,       // as many values as timestamps
  kAggregate,   // exactly one value, no timestamp
  kMultiValue,  // several values, no timestamps: passed on as they are, never joined
  kMixed,       // a profile whose samples differ in shape
};

struct IncomingSample {
  Fingerprint identity;  // {stack, attribute set, link, shape}
  WireIndex stack, link;
  ListSpan attributes;
  uint32_t timestamp_count = 0;
  uint32_t value_count = 0;
  uint32_t value_bytes = 0;
  SampleShape shape = SampleShape::kNone;
  const char* timestamps = nullptr;  // timestamp_count x 8 bytes, little endian
  const char* values = nullptr;      // value_bytes of canonical varints
};

struct IncomingProfile {
  WireIndex type, type_unit, period_type, period_unit;
  int64_t period = 0;
  uint64_t time_unix_nano = 0, duration_nano = 0;
  std::string_view profile_id;  // 16 bytes, not all zero; or empty
  uint32_t dropped_attributes_count = 0;
  std::string_view payload_format, payload;
  ListSpan attributes;
  ListSpan samples;
  uint32_t empty_samples = 0;  // left out: neither values nor timestamps
  SampleShape shape = SampleShape::kNone;
  bool cumulative = false;  // 1.8 only: never joined
  Reason reason = Reason::kNone;
  Fingerprint attribute_set;
};

struct IncomingScope {
  std::string_view scope;  // canonical InstrumentationScope, references resolved
  std::string_view schema_url;
  Fingerprint fingerprint;  // of both and of the resource
  ListSpan profiles;
};

struct IncomingResource {
  std::string_view resource;  // canonical Resource, references resolved
  std::string_view schema_url;
  Fingerprint fingerprint;
  ListSpan scopes;
};

struct RequestColumns {
  Column<std::string_view> strings;
  Column<IncomingAttribute> attributes;
  Column<IncomingFunction> functions;
  Column<IncomingMapping> mappings;
  Column<IncomingLocation> locations;
  Column<IncomingStack> stacks;
  Column<IncomingLink> links;

  // Flat lists that rows and samples take spans of.
  Buffer<IncomingLine> lines;
  Buffer<uint32_t> stack_locations;    // rows of `locations`
  Buffer<uint32_t> attribute_indices;  // rows of `attributes`; no 0, no key twice in one list

  std::vector<IncomingResource> resources;
  std::vector<IncomingScope> scopes;
  std::vector<IncomingProfile> profiles;
  Buffer<IncomingSample> samples;

  void Clear();
  [[nodiscard]] size_t capacity_bytes() const;
  // No row of the dictionary has a reason, be it referred to or not.
  [[nodiscard]] bool all_good() const;
};

}  // namespace flameway
