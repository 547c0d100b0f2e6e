// SPDX-License-Identifier: Apache-2.0
// What a batch holds: filled by Batch, read by the encoder once it is sealed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "processor/batch/dictionary.h"
#include "processor/batch/points.h"
#include "processor/model/buffer.h"
#include "processor/model/fingerprint.h"
#include "processor/model/ids.h"
#include "processor/request/columns.h"

namespace flameway {

// A range of BatchContent::text.
struct TextSpan {
  uint32_t begin = 0;
  uint32_t size = 0;
};

// Rows hang in chains from parent to last child to previous child: appending is one write, and the
// encoder, which writes back to front, meets them in the order they came.
inline constexpr uint32_t kNoRow = UINT32_MAX;

struct ResourceNode {
  TextSpan resource, schema_url;
  uint32_t last_scope = kNoRow;
  uint32_t previous = kNoRow;  // resource
};

struct ScopeNode {
  TextSpan scope, schema_url;
  uint32_t last_profile = kNoRow;
  uint32_t previous = kNoRow;  // scope of the same resource
};

struct ProfileNode {
  TextSpan head;        // encoded fields but for samples, times and attributes
  ListSpan attributes;  // of BatchContent::lists
  uint64_t time_unix_nano = 0;
  uint64_t duration_nano = 0;
  uint32_t last_sample = kNoRow;
  uint32_t previous = kNoRow;  // profile of the same scope
  uint32_t profiles_in = 0;    // how many incoming profiles this one stands for
};

struct SampleNode {
  StackId stack;
  LinkId link;
  ListSpan attributes;                   // of BatchContent::lists
  uint32_t measured = Points::kNoChunk;  // its newest chunk; kAggregate: of BatchContent::totals
  uint32_t previous = kNoRow;            // sample of the same profile
  uint32_t samples_in = 0;               // how many incoming samples this one stands for
  SampleShape shape = SampleShape::kNone;
};
static_assert(sizeof(SampleNode) == 32, "most of what a batch adds for a sample");

// A plain sample that took over the sum of its identity when the sum left 64 bits.
struct CarriedTotal {
  uint32_t sample = 0;
  uint32_t from = kNoRow;  // the sample it took over from
  uint32_t profile = 0;
};

struct BatchCounts {
  // Units of what was received and accepted.
  uint64_t requests = 0;
  uint64_t profiles = 0;
  uint64_t samples = 0;
  // Of these, those that a transform dropped.
  uint64_t dropped_profiles = 0;
  uint64_t dropped_samples = 0;
};

// Which profiles may be joined; docs/decisions/0003-what-may-be-joined.md.
enum class Coalesce : uint8_t {
  kNever,     // each profile stays by itself; only the dictionary is shared
  kLossless,  // samples with timestamps join across time windows, plain values inside one window
  kAll,       // plain values join across windows too: their time resolution is lost
};

struct BatchContent {
  DictionaryRows rows;
  Buffer<char> text;       // resources, scopes, heads of profiles
  Buffer<uint32_t> lists;  // attributes of profiles and samples
  std::vector<ResourceNode> resources;
  std::vector<ScopeNode> scopes;
  std::vector<ProfileNode> profiles;
  Buffer<SampleNode> samples;
  Points points;
  Buffer<int64_t> totals;  // of plain samples: the sums
  BatchCounts counts;
  std::vector<CarriedTotal> carried_totals;
  uint32_t samples_emptied = 0;  // rows of `samples` that no chain holds any more
  uint32_t last_resource = kNoRow;
  // For splitting, which sends the encoded batch through the core again.
  FingerprintSecret secret;

  [[nodiscard]] std::string_view Text(TextSpan span) const {
    return {text.data() + span.begin, span.size};
  }
  TextSpan AddText(std::string_view added);
  [[nodiscard]] std::span<const uint32_t> List(ListSpan span) const {
    return {lists.data() + span.begin, span.count};
  }
  [[nodiscard]] size_t samples_out() const { return samples.size() - samples_emptied; }
  // What a new sample of this shape begins with.
  [[nodiscard]] uint32_t OpenMeasured(SampleShape shape);
  // Of a plain sample.
  [[nodiscard]] int64_t& Total(const SampleNode& node) { return totals[node.measured]; }
  [[nodiscard]] int64_t Total(const SampleNode& node) const { return totals[node.measured]; }
  // Upper bound of the encoded message.
  [[nodiscard]] size_t encoded_bytes_bound() const;
  [[nodiscard]] size_t memory_bytes() const;
  void Reset();  // keeps memory
};

}  // namespace flameway
