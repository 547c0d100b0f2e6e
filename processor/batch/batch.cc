// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/batch.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "proto/otlp/fields.h"
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

int64_t SingleValue(const IncomingSample& sample) {
  const char* p = sample.values;
  uint64_t value = 0;
  // The list was checked to hold exactly one varint.
  (void)wire::ReadVarint(p, p + sample.value_bytes, value);
  return static_cast<int64_t>(value);
}

// The sample with only its points [begin, end).
IncomingSample CutPoints(IncomingSample sample, uint32_t begin, uint32_t end) {
  const uint32_t points = std::max(sample.timestamp_count, sample.value_count);
  end = std::min(end, points);
  begin = std::min(begin, end);
  if (sample.timestamp_count > 0) {
    sample.timestamps += size_t{begin} * 8;
    sample.timestamp_count = end - begin;
  }
  if (sample.value_count > 0) {
    const char* p = sample.values;
    const char* const limit = p + sample.value_bytes;
    const auto skip = [&](uint32_t count) {
      uint64_t value;
      while (count-- > 0) (void)wire::ReadVarint(p, limit, value);
    };
    skip(begin);
    sample.values = p;
    skip(end - begin);
    sample.value_bytes = static_cast<uint32_t>(p - sample.values);
    sample.value_count = end - begin;
  }
  return sample;
}

// A payload goes with the first part of a profile that is cut.
IncomingProfile WithoutPayload(IncomingProfile profile) {
  profile.payload = {};
  profile.payload_format = {};
  return profile;
}

void AppendValueType(uint32_t field, uint32_t type, uint32_t unit, std::string& out) {
  const auto size = [](uint64_t value) { return value == 0 ? 0 : 1 + wire::VarintSize(value); };
  wire::Writer writer(&out);
  writer.BytesPrefix(field, size(type) + size(unit));
  writer.VarintFieldUnlessZero(otlp::ValueType::type_strindex, type);
  writer.VarintFieldUnlessZero(otlp::ValueType::unit_strindex, unit);
}

}  // namespace

Batch::Batch(const BatchOptions& options)
    : options_(options), content_(std::make_unique<BatchContent>()) {}

bool Batch::Fits(const Request& request) const {
  if (empty()) return true;
  const RequestColumns& columns = request.columns();
  const DictionaryRows& rows = content_->rows;
  const auto fits = [this](const OutputTable& table, uint32_t more) {
    return uint64_t{table.size()} + more <= options_.limits.max_rows_per_table;
  };
  return encoded_bytes_bound() + request.encoded_bytes_bound() <=
             options_.limits.max_encoded_bytes &&
         fits(rows.strings, columns.strings.size()) &&
         fits(rows.attributes, columns.attributes.size()) &&
         fits(rows.functions, columns.functions.size()) &&
         fits(rows.mappings, columns.mappings.size()) &&
         fits(rows.locations, columns.locations.size()) &&
         fits(rows.stacks, columns.stacks.size()) && fits(rows.links, columns.links.size());
}

size_t Batch::memory_bytes() const {
  return content_->memory_bytes() + (spare_ ? spare_->memory_bytes() : 0) +
         dictionary_.memory_bytes() + resources_.memory_bytes() + scopes_.memory_bytes() +
         profiles_.memory_bytes() + samples_.memory_bytes() +
         carried_totals_.capacity() * sizeof(CarriedTotal);
}

SealedBatch Batch::Seal() {
  SettleCarriedTotals(carried_totals_, *content_);
  carried_totals_.clear();
  SealedBatch sealed(std::move(content_));
  content_ = spare_ ? std::move(spare_) : std::make_unique<BatchContent>();
  dictionary_.Clear();
  for (Table* table : {&resources_, &scopes_, &profiles_, &samples_}) table->Clear();
  return sealed;
}

void Batch::Recycle(SealedBatch batch) {
  spare_ = std::move(batch.content_);
  spare_->Reset();
}

void Batch::Merge(const Request& request, const MergeRange& range) {
  const RequestColumns& columns = request.columns();
  fingerprinter_ = &request.fingerprinter();
  content_->secret = fingerprinter_->secret();
  dictionary_.Start(columns, content_->rows);
  ++content_->counts.requests;
  for (const IncomingResource& resource : columns.resources) {
    uint32_t resource_node = kNoRow;
    for (uint32_t s = 0; s < resource.scopes.count; ++s) {
      const IncomingScope& scope = columns.scopes[resource.scopes.begin + s];
      uint32_t scope_node = kNoRow;
      for (uint32_t p = 0; p < scope.profiles.count; ++p) {
        const uint32_t number = scope.profiles.begin + p;
        const IncomingProfile& profile = columns.profiles[number];
        if (profile.reason != Reason::kNone) continue;
        if (number < range.profile_begin || number >= range.profile_end) continue;
        const uint32_t begin = profile.samples.begin;
        const uint32_t end = begin + profile.samples.count;
        const bool holds_start = begin >= range.sample_begin && begin < range.sample_end;
        if (!holds_start && (end <= range.sample_begin || begin >= range.sample_end)) continue;
        // Resources and scopes enter with the first profile that needs them; empty ones never do.
        if (resource_node == kNoRow) resource_node = OpenResource(resource);
        if (scope_node == kNoRow) scope_node = OpenScope(scope, resource_node);
        Fingerprint key;
        const bool first_part = holds_start && range.point_begin == 0;
        const uint32_t node =
            first_part
                ? OpenProfile(columns, profile, scope.fingerprint, scope_node, key)
                : OpenProfile(columns, WithoutPayload(profile), scope.fingerprint, scope_node, key);
        MergeSamples(columns, profile.samples, key, node, range);
      }
    }
  }
}

uint32_t Batch::OpenResource(const IncomingResource& resource) {
  std::vector<ResourceNode>& nodes = content_->resources;
  const auto [number, added] =
      resources_.FindOrAdd(resource.fingerprint, static_cast<uint32_t>(nodes.size()));
  if (added) {
    nodes.push_back({.resource = content_->AddText(resource.resource),
                     .schema_url = content_->AddText(resource.schema_url),
                     .previous = content_->last_resource});
    content_->last_resource = number;
  }
#ifdef FLAMEWAY_CHECKED
  CheckSameSize(resource.resource, nodes[number].resource);
#endif
  return number;
}

uint32_t Batch::OpenScope(const IncomingScope& scope, uint32_t resource) {
  std::vector<ScopeNode>& nodes = content_->scopes;
  const auto [number, added] =
      scopes_.FindOrAdd(scope.fingerprint, static_cast<uint32_t>(nodes.size()));
  if (added) {
    uint32_t& last = content_->resources[resource].last_scope;
    nodes.push_back({.scope = content_->AddText(scope.scope),
                     .schema_url = content_->AddText(scope.schema_url),
                     .previous = last});
    last = number;
  }
#ifdef FLAMEWAY_CHECKED
  CheckSameSize(scope.scope, nodes[number].scope);
#endif
  return number;
}

uint32_t Batch::OpenProfile(const RequestColumns& columns, const IncomingProfile& profile,
                            const Fingerprint& scope_print, uint32_t scope, Fingerprint& key) {
  const auto& strings = columns.strings.fingerprints;
  const Fingerprint& type = strings[profile.type.value];
  const Fingerprint& type_unit = strings[profile.type_unit.value];
  const Fingerprint& period_type = strings[profile.period_type.value];
  const Fingerprint& period_unit = strings[profile.period_unit.value];
  const Fingerprint id = fingerprinter_->Bytes(profile.profile_id);
  // A payload belongs to its own profile, and cumulative values count the same thing again and
  // again.
  const bool apart = options_.coalesce == Coalesce::kNever || profile.cumulative ||
                     !profile.payload.empty() || !profile.payload_format.empty();
  // Plain values say nothing but their window, so a heap snapshot is never added to the next one.
  // Timestamps keep their own time; a profile without a time stays with its like.
  const bool windowed = HasPlainValues(profile.shape) && options_.coalesce != Coalesce::kAll;
  const bool timeless = profile.time_unix_nano == 0;
  const uint64_t words[] = {scope_print.low,
                            scope_print.high,
                            type.low,
                            type.high,
                            type_unit.low,
                            type_unit.high,
                            period_type.low,
                            period_type.high,
                            period_unit.low,
                            period_unit.high,
                            static_cast<uint64_t>(profile.period),
                            profile.attribute_set.low,
                            profile.attribute_set.high,
                            profile.attributes.count,
                            profile.dropped_attributes_count,
                            id.low,
                            id.high,
                            static_cast<uint64_t>(profile.shape),
                            windowed || timeless ? 1 + uint64_t{timeless} : 0,
                            windowed ? profile.time_unix_nano : 0,
                            windowed || timeless ? profile.duration_nano : 0,
                            apart ? ++profiles_kept_apart_ : 0};
  key = fingerprinter_->Words(words);
  std::vector<ProfileNode>& nodes = content_->profiles;
  const auto [number, added] = profiles_.FindOrAdd(key, static_cast<uint32_t>(nodes.size()));
  if (added) {
    uint32_t& last = content_->scopes[scope].last_profile;
    EncodeProfileHead(profile);
    nodes.push_back({.head = content_->AddText(head_),
                     .attributes = content_->AddList(list_),
                     .time_unix_nano = profile.time_unix_nano,
                     .duration_nano = profile.duration_nano,
                     .previous = last});
    last = number;
  }
#ifdef FLAMEWAY_CHECKED
  if (!added) {
    CheckSame(profile, nodes[number]);
  }
#endif
  ProfileNode& node = nodes[number];
  ++node.profiles_in;
  ++content_->counts.profiles;
  if (!added && !windowed && !timeless) {
    const uint64_t end = std::max(SaturatingAdd(node.time_unix_nano, node.duration_nano),
                                  SaturatingAdd(profile.time_unix_nano, profile.duration_nano));
    node.time_unix_nano = std::min(node.time_unix_nano, profile.time_unix_nano);
    node.duration_nano = end - node.time_unix_nano;
  }
  return number;
}

void Batch::EncodeProfileHead(const IncomingProfile& profile) {
  head_.clear();
  wire::Writer writer(&head_);
  // Both types are written even when empty: some receivers follow them without looking.
  const uint32_t type = dictionary_.String(profile.type).value();
  const uint32_t type_unit = dictionary_.String(profile.type_unit).value();
  AppendValueType(otlp::Profile::sample_type, type, type_unit, head_);
  const uint32_t period_type = dictionary_.String(profile.period_type).value();
  const uint32_t period_unit = dictionary_.String(profile.period_unit).value();
  AppendValueType(otlp::Profile::period_type, period_type, period_unit, head_);
  writer.VarintFieldUnlessZero(otlp::Profile::period, static_cast<uint64_t>(profile.period));
  if (!profile.profile_id.empty()) writer.BytesField(otlp::Profile::profile_id, profile.profile_id);
  writer.VarintFieldUnlessZero(otlp::Profile::dropped_attributes_count,
                               profile.dropped_attributes_count);
  if (!profile.payload_format.empty()) {
    writer.BytesField(otlp::Profile::original_payload_format, profile.payload_format);
  }
  if (!profile.payload.empty()) writer.BytesField(otlp::Profile::original_payload, profile.payload);
  dictionary_.Attributes(profile.attributes, list_);
}

void Batch::MergeSamples(const RequestColumns& columns, ListSpan samples, const Fingerprint& key,
                         uint32_t profile, const MergeRange& range) {
  const uint32_t begin = std::max(samples.begin, range.sample_begin);
  const uint32_t end = std::min(samples.begin + samples.count, range.sample_end);
  if (range.point_begin != 0 || range.point_end != UINT32_MAX) {
    for (uint32_t i = begin; i < end; ++i) {
      MergeSample(CutPoints(columns.samples[i], range.point_begin, range.point_end), key, profile);
    }
    return;
  }
  // The table of samples is the largest and its probes fall anywhere: look a few ahead.
  constexpr uint32_t kAhead = 8;
  const auto prefetch = [&](uint32_t i) __attribute__((always_inline)) {
    Fingerprint print = columns.samples[i].identity;
    print += key;
    samples_.Prefetch(print);
    dictionary_.PrefetchStack(columns.samples[i].stack);
  };
  for (uint32_t i = begin; i < std::min(end, begin + kAhead); ++i) prefetch(i);
  for (uint32_t i = begin; i < end; ++i) {
    if (i + kAhead < end) prefetch(i + kAhead);
    MergeSample(columns.samples[i], key, profile);
  }
}

void Batch::MergeSample(const IncomingSample& sample, const Fingerprint& key, uint32_t profile) {
  ++content_->counts.samples;
  const std::string_view timestamps(sample.timestamps, size_t{sample.timestamp_count} * 8);
  const std::string_view values(sample.values, sample.value_bytes);
  std::vector<SampleNode>& nodes = content_->samples;
  if (sample.shape == SampleShape::kMultiValue) {
    SampleNode& node = nodes[AddSample(sample, profile)];
    node.last_chunk = content_->points.Append(Points::kNoChunk, timestamps, values);
    return;
  }
  // Keyed fingerprints of both; their sum is as hard to aim at as each.
  Fingerprint print = sample.identity;
  print += key;
  const auto [number, added] = samples_.FindOrAdd(print, static_cast<uint32_t>(nodes.size()));
  if (added) AddSample(sample, profile);
#ifdef FLAMEWAY_CHECKED
  if (!added) {
    CheckSame(sample, nodes[number]);
  }
#endif
  SampleNode* node = &nodes[number];
  if (sample.shape == SampleShape::kAggregate) {
    const int64_t value = SingleValue(sample);
    int64_t total;
    if (__builtin_add_overflow(node->total, value, &total)) {
      // Never wrap, never saturate: a second sample of the same identity says the rest.
      const uint32_t rest = AddSample(sample, profile);
      samples_.Replace(print, rest);
      nodes[rest].total = value;
      nodes[rest].last_chunk = number;
      carried_totals_.push_back({.sample = rest, .profile = profile});
      return;
    }
    node->total = total;
  } else {
    node->last_chunk = content_->points.Append(node->last_chunk, timestamps, values);
  }
  if (!added) ++node->samples_in;
}

SampleNode Batch::Translate(const IncomingSample& sample) {
  dictionary_.Attributes(sample.attributes, list_);
  return {.stack = dictionary_.Stack(sample.stack),
          .link = dictionary_.Link(sample.link),
          .shape = sample.shape};
}

uint32_t Batch::AddSample(const IncomingSample& sample, uint32_t profile) {
  SampleNode node = Translate(sample);
  node.attributes = content_->AddList(list_);
  node.samples_in = 1;
  const auto number = static_cast<uint32_t>(content_->samples.size());
  uint32_t& last = content_->profiles[profile].last_sample;
  node.previous = std::exchange(last, number);
  content_->samples.push_back(node);
  return number;
}

#ifdef FLAMEWAY_CHECKED
// The dictionary compares its rows where they are translated; these are the nodes above them.
// Attributes of resources and scopes may come in any order, so of those only the size is compared.
void Batch::CheckSame(const IncomingSample& sample, const SampleNode& node) {
  const SampleNode same = Translate(sample);
  if (same.stack != node.stack || same.link != node.link || same.shape != node.shape ||
      !std::ranges::equal(list_, content_->List(node.attributes))) {
    dictionary_.ReportCollision("sample");
  }
}

void Batch::CheckSame(const IncomingProfile& profile, const ProfileNode& node) {
  EncodeProfileHead(profile);
  if (head_ != content_->Text(node.head) ||
      !std::ranges::equal(list_, content_->List(node.attributes))) {
    dictionary_.ReportCollision("profile");
  }
}

void Batch::CheckSameSize(std::string_view incoming, TextSpan known) {
  if (incoming.size() != known.size) dictionary_.ReportCollision("origin");
}
#endif

}  // namespace flameway
