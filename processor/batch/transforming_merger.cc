// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/transforming_merger.h"

#include <algorithm>
#include <span>
#include <utility>

#include "processor/batch/carried_totals.h"
#include "processor/batch/incoming_rows.h"
#include "processor/batch/joining.h"
#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/varint.h"

namespace flameway {
namespace {

constexpr uint32_t kDropped = kNoRow;

// Of a canonical Resource or InstrumentationScope whose attributes are `attributes_field`, whatever
// their order.
Fingerprint OriginPrint(const Fingerprinter& fingerprinter, std::string_view encoded,
                        uint32_t attributes_field, std::string_view schema_url) {
  Fingerprint set;
  uint64_t count = 0;
  std::string rest;
  const char* start = encoded.data();
  for (wire::Reader fields(encoded); fields.Next(); start = fields.position()) {
    if (fields.field() == attributes_field) {
      set += fingerprinter.Bytes(fields.bytes());
      ++count;
    } else {
      rest.append(start, fields.position());
    }
  }
  const Fingerprint r = fingerprinter.Bytes(rest);
  const Fingerprint u = fingerprinter.Bytes(schema_url);
  const uint64_t words[] = {set.low, set.high, count, r.low, r.high, u.low, u.high};
  return fingerprinter.Words(words);
}

SampleShape ShapeWithoutTimestamps(SampleShape shape) {
  return shape == SampleShape::kEvents || shape == SampleShape::kTimed ? SampleShape::kAggregate
                                                                       : shape;
}

}  // namespace

TransformingMerger::TransformingMerger(std::unique_ptr<TransformChain> chain, Coalesce coalesce)
    : chain_(std::move(chain)), coalesce_(coalesce), dictionary_(*chain_) {}

void TransformingMerger::Clear() {
  dictionary_.Clear();
  for (Table* table : {&resources_, &scopes_, &attribute_sets_, &samples_, &leaving_resources_,
                       &leaving_scopes_, &profiles_, &leaving_samples_}) {
    table->Clear();
  }
  resource_entries_.clear();
  scope_entries_.clear();
  attribute_set_entries_.clear();
}

size_t TransformingMerger::memory_bytes() const {
  size_t bytes = dictionary_.memory_bytes();
  for (const Table* table :
       {&resources_, &scopes_, &attribute_sets_, &samples_, &leaving_resources_, &leaving_scopes_,
        &profiles_, &leaving_samples_}) {
    bytes += table->memory_bytes();
  }
  constexpr size_t kPerOrigin = 2048;  // a row in its stages
  return bytes + attribute_set_entries_.capacity() * sizeof(AttributeSet) +
         kPerOrigin * (resource_entries_.size() + scope_entries_.size());
}

void TransformingMerger::Merge(const Request& request, BatchContent& content) {
  columns_ = &request.columns();
  fingerprinter_ = &request.fingerprinter();
  content_ = &content;
  dictionary_.Start(*columns_, *fingerprinter_, content.rows);
  for (const IncomingResource& resource : columns_->resources) {
    ResourceEntry& resource_entry = Resource(resource);
    for (uint32_t s = 0; s < resource.scopes.count; ++s) {
      const IncomingScope& scope = columns_->scopes[resource.scopes.begin + s];
      ScopeEntry& scope_entry = Scope(scope, resource_entry);
      for (uint32_t p = 0; p < scope.profiles.count; ++p) {
        const IncomingProfile& profile = columns_->profiles[scope.profiles.begin + p];
        if (profile.reason != Reason::kNone) continue;
        ++content_->counts.profiles;
        content_->counts.samples += profile.samples.count;
        if (resource_entry.dropped || scope_entry.dropped) {
          ++content_->counts.dropped_profiles;
          content_->counts.dropped_samples += profile.samples.count;
        } else {
          MergeProfile(profile, resource_entry, scope_entry, scope.fingerprint);
        }
      }
    }
  }
}

TransformingMerger::ResourceEntry& TransformingMerger::Resource(const IncomingResource& resource) {
  const auto found =
      resources_.FindOrAdd(resource.fingerprint, static_cast<uint32_t>(resource_entries_.size()));
  if (!found.added) return *resource_entries_[found.number];
  auto entry = std::make_unique<ResourceEntry>();
  entry->incoming = resource.fingerprint;
  entry->stages = Stages(ParseResource(resource.resource, resource.schema_url));
  entry->dropped = !chain_->RunResource(entry->stages);
  if (!entry->dropped) {
    entry->encoded = entry->stages.changed() ? EncodeResource(entry->stages.Final())
                                             : std::string(resource.resource);
    entry->leaving = OriginPrint(*fingerprinter_, entry->encoded, otlp::Resource::attributes,
                                 entry->stages.Final().schema_url);
  }
  return *resource_entries_.emplace_back(std::move(entry));
}

TransformingMerger::ScopeEntry& TransformingMerger::Scope(const IncomingScope& scope,
                                                          const ResourceEntry& resource) {
  const auto found =
      scopes_.FindOrAdd(scope.fingerprint, static_cast<uint32_t>(scope_entries_.size()));
  if (!found.added) return *scope_entries_[found.number];
  auto entry = std::make_unique<ScopeEntry>();
  entry->dropped = resource.dropped;
  if (!entry->dropped) {
    entry->stages = Stages(ParseScope(scope.scope, scope.schema_url));
    entry->dropped = !chain_->RunScope(entry->stages, resource.stages);
  }
  if (!entry->dropped) {
    entry->encoded =
        entry->stages.changed() ? EncodeScope(entry->stages.Final()) : std::string(scope.scope);
    const Fingerprint own =
        OriginPrint(*fingerprinter_, entry->encoded, otlp::InstrumentationScope::attributes,
                    entry->stages.Final().schema_url);
    entry->leaving = fingerprinter_->Join(resource.leaving, own);
  }
  return *scope_entries_.emplace_back(std::move(entry));
}

ProfileRow TransformingMerger::RowOf(const IncomingProfile& profile) const {
  const auto text = [this](WireIndex index) {
    return std::string(columns_->strings.rows[index.value]);
  };
  return {.type = text(profile.type),
          .type_unit = text(profile.type_unit),
          .period_type = text(profile.period_type),
          .period_unit = text(profile.period_unit),
          .period = profile.period,
          .time_unix_nano = profile.time_unix_nano,
          .duration_nano = profile.duration_nano,
          .profile_id = std::string(profile.profile_id),
          .dropped_attributes_count = profile.dropped_attributes_count,
          .payload_format = std::string(profile.payload_format),
          .payload = std::string(profile.payload),
          .attributes = AttributesOf(*columns_, profile.attributes)};
}

Fingerprint TransformingMerger::KeyOf(const IncomingProfile& incoming, const OpenProfile& profile) {
  const ProfileRow& row = profile.stages.Final();
  const bool apart = coalesce_ == Coalesce::kNever || incoming.cumulative || !row.payload.empty() ||
                     !row.payload_format.empty();
  Fingerprint set;
  for (const Attribute& attribute : row.attributes) set += PrintOf(attribute, *fingerprinter_);
  std::vector<uint64_t> words{profile.scope->leaving.low,
                              profile.scope->leaving.high,
                              static_cast<uint64_t>(row.period),
                              row.dropped_attributes_count,
                              set.low,
                              set.high,
                              row.attributes.size(),
                              static_cast<uint64_t>(profile.shape),
                              profile.time.kind,
                              profile.time.time_unix_nano,
                              profile.time.duration_nano,
                              apart ? ++profiles_kept_apart_ : 0};
  for (const std::string* text :
       {&row.type, &row.type_unit, &row.period_type, &row.period_unit, &row.profile_id}) {
    const Fingerprint print = fingerprinter_->Bytes(*text);
    words.push_back(print.low);
    words.push_back(print.high);
  }
  return fingerprinter_->Words(std::span<const uint64_t>(words));
}

// What came in, so that two that differ are never taken for each other; more than is asked for
// costs only that a set of attributes is looked at again.
Fingerprint TransformingMerger::AroundOf(const IncomingProfile& incoming,
                                         const Fingerprint& scope_print,
                                         const ResourceEntry& resource) const {
  const TransformHooks& hooks = chain_->hooks();
  Fingerprint around;
  if (hooks.samples_see_profile) {
    const auto& strings = columns_->strings.fingerprints;
    const Fingerprint id = fingerprinter_->Bytes(incoming.profile_id);
    const Fingerprint payload = fingerprinter_->Bytes(incoming.payload);
    const Fingerprint format = fingerprinter_->Bytes(incoming.payload_format);
    const Fingerprint& type = strings[incoming.type.value];
    const Fingerprint& unit = strings[incoming.type_unit.value];
    const Fingerprint& period_type = strings[incoming.period_type.value];
    const Fingerprint& period_unit = strings[incoming.period_unit.value];
    const uint64_t words[] = {type.low,
                              type.high,
                              unit.low,
                              unit.high,
                              period_type.low,
                              period_type.high,
                              period_unit.low,
                              period_unit.high,
                              static_cast<uint64_t>(incoming.period),
                              incoming.time_unix_nano,
                              incoming.duration_nano,
                              id.low,
                              id.high,
                              incoming.dropped_attributes_count,
                              payload.low,
                              payload.high,
                              format.low,
                              format.high,
                              incoming.attribute_set.low,
                              incoming.attribute_set.high};
    around = fingerprinter_->Words(words);
  }
  // A scope's fingerprint holds that of its resource.
  if (hooks.samples_see_profile || hooks.samples_see_scope) {
    around += scope_print;
  } else if (hooks.samples_see_resource) {
    around += resource.incoming;
  }
  return around;
}

void TransformingMerger::MergeProfile(const IncomingProfile& incoming, ResourceEntry& resource,
                                      ScopeEntry& scope, const Fingerprint& scope_print) {
  OpenProfile profile{.resource = &resource, .scope = &scope};
  profile.stages = Stages(RowOf(incoming));
  if (!chain_->RunProfile(profile.stages, scope.stages, resource.stages)) {
    ++content_->counts.dropped_profiles;
    content_->counts.dropped_samples += incoming.samples.count;
    return;
  }
  const ProfileRow& row = profile.stages.Final();
  profile.shape = chain_->points().timestamps == Timestamps::kDrop
                      ? ShapeWithoutTimestamps(incoming.shape)
                      : incoming.shape;
  profile.time = TimeIdentityOf(profile.shape, row.time_unix_nano, row.duration_nano, coalesce_);
  profile.key = KeyOf(incoming, profile);
  profile.around = AroundOf(incoming, scope_print, resource);
  if (incoming.samples.count == 0) Open(profile);
  for (uint32_t i = 0; i < incoming.samples.count; ++i) {
    MergeSample(columns_->samples[incoming.samples.begin + i], profile);
  }
  // A profile that lost all its samples is gone.
  if (profile.node == kNoRow) ++content_->counts.dropped_profiles;
}

void TransformingMerger::OpenScope(OpenProfile& profile) {
  ResourceEntry& resource = *profile.resource;
  ScopeEntry& scope = *profile.scope;
  if (scope.node != kNoRow) return;
  if (resource.node == kNoRow) {
    std::vector<ResourceNode>& nodes = content_->resources;
    const auto found =
        leaving_resources_.FindOrAdd(resource.leaving, static_cast<uint32_t>(nodes.size()));
    resource.node = found.number;
    if (found.added) {
      nodes.push_back({.resource = content_->AddText(resource.encoded),
                       .schema_url = content_->AddText(resource.stages.Final().schema_url),
                       .previous = std::exchange(content_->last_resource, found.number)});
    }
  }
  std::vector<ScopeNode>& nodes = content_->scopes;
  const auto found = leaving_scopes_.FindOrAdd(scope.leaving, static_cast<uint32_t>(nodes.size()));
  scope.node = found.number;
  if (found.added) {
    uint32_t& last = content_->resources[resource.node].last_scope;
    nodes.push_back({.scope = content_->AddText(scope.encoded),
                     .schema_url = content_->AddText(scope.stages.Final().schema_url),
                     .previous = std::exchange(last, found.number)});
  }
}

void TransformingMerger::Open(OpenProfile& profile) {
  OpenScope(profile);
  const ProfileRow& row = profile.stages.Final();
  std::vector<ProfileNode>& nodes = content_->profiles;
  const auto found = profiles_.FindOrAdd(profile.key, static_cast<uint32_t>(nodes.size()));
  profile.node = found.number;
  if (found.added) {
    const StringId type = dictionary_.Text(row.type);
    const StringId type_unit = dictionary_.Text(row.type_unit);
    const StringId period_type = dictionary_.Text(row.period_type);
    EncodeProfileHead({.type = type,
                       .type_unit = type_unit,
                       .period_type = period_type,
                       .period_unit = dictionary_.Text(row.period_unit),
                       .period = row.period,
                       .profile_id = row.profile_id,
                       .dropped_attributes_count = row.dropped_attributes_count,
                       .payload_format = row.payload_format,
                       .payload = row.payload},
                      head_);
    const auto first = static_cast<uint32_t>(content_->lists.size());
    dictionary_.Values(row.attributes, content_->lists);
    uint32_t& last = content_->scopes[profile.scope->node].last_profile;
    nodes.push_back(
        {.head = content_->AddText(head_),
         .attributes = {.begin = first, .count = static_cast<uint32_t>(row.attributes.size())},
         .time_unix_nano = row.time_unix_nano,
         .duration_nano = row.duration_nano,
         .previous = std::exchange(last, found.number)});
  } else if (profile.time.kind == 0) {
    WidenRange(nodes[found.number], row.time_unix_nano, row.duration_nano);
  }
  ++nodes[found.number].profiles_in;
}

IncomingSample TransformingMerger::Reduced(IncomingSample sample,
                                           char (&value)[wire::kMaxVarintBytes]) const {
  if (chain_->points().timestamps != Timestamps::kDrop) return sample;
  const bool events = sample.shape == SampleShape::kEvents;
  if (!events && sample.shape != SampleShape::kTimed) return sample;
  int64_t sum = events ? sample.timestamp_count : 0;
  const char* p = sample.values;
  for (uint32_t i = 0; !events && i < sample.timestamp_count; ++i) {
    uint64_t one = 0;
    (void)wire::ReadVarint(p, sample.values + sample.value_bytes, one);
    // A sum that does not fit keeps its parts, and its timestamps with them.
    if (__builtin_add_overflow(sum, static_cast<int64_t>(one), &sum)) return sample;
  }
  const char* const end = wire::WriteVarint(value, static_cast<uint64_t>(sum));
  sample.shape = SampleShape::kAggregate;
  sample.timestamps = nullptr;
  sample.timestamp_count = 0;
  sample.values = value;
  sample.value_count = 1;
  sample.value_bytes = static_cast<uint32_t>(end - value);
  return sample;
}

TransformingMerger::AttributeSet TransformingMerger::Attributes(const IncomingSample& sample,
                                                                const OpenProfile& profile) {
  Buffer<uint32_t>& lists = content_->lists;
  AttributeSet set{.numbers = {.begin = static_cast<uint32_t>(lists.size())}};
  if (!chain_->hooks().samples) {
    dictionary_.Numbers(sample.attributes, lists.Reserve(sample.attributes.count));
    lists.Extend(sample.attributes.count);
    set.numbers.count = sample.attributes.count;
    return set;
  }
  Fingerprint print = dictionary_.SetPrint(sample.attributes);
  print += profile.around;
  const auto found =
      attribute_sets_.FindOrAdd(print, static_cast<uint32_t>(attribute_set_entries_.size()));
  if (!found.added) return attribute_set_entries_[found.number];
  SampleRow row{.attributes = AttributesOf(*columns_, sample.attributes)};
  set.dropped =
      !chain_->RunSample(row, profile.stages, profile.scope->stages, profile.resource->stages);
  if (!set.dropped) {
    dictionary_.Values(row.attributes, lists);
    set.numbers.count = static_cast<uint32_t>(row.attributes.size());
  }
  attribute_set_entries_.push_back(set);
  return set;
}

SampleNode TransformingMerger::Translate(const IncomingSample& incoming, SampleShape shape,
                                         const AttributeSet& set) {
  return {.stack = dictionary_.Stack(incoming.stack),
          .link = dictionary_.Link(incoming.link),
          .attributes = set.numbers,
          .shape = shape};
}

Fingerprint TransformingMerger::LeavingPrint(const SampleNode& node, uint32_t profile) const {
  const std::span<const uint32_t> numbers = content_->List(node.attributes);
  const Fingerprint set =
      fingerprinter_->Bytes({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
  const uint64_t words[] = {profile, node.stack.value(), node.link.value(),
                            set.low, set.high,           static_cast<uint64_t>(node.shape)};
  return fingerprinter_->Words(words);
}

uint32_t TransformingMerger::AddSample(const SampleNode& like, uint32_t profile) {
  const auto number = static_cast<uint32_t>(content_->samples.size());
  SampleNode& node = content_->samples.Append();
  node = like;
  node.measured = content_->OpenMeasured(like.shape);
  node.previous = std::exchange(content_->profiles[profile].last_sample, number);
  node.samples_in = 0;
  return number;
}

// The node that a sample not met before leaves in, or kDropped.
uint32_t TransformingMerger::NodeOf(const IncomingSample& incoming, SampleShape shape,
                                    OpenProfile& profile) {
  const AttributeSet set = Attributes(incoming, profile);
  if (set.dropped) return kDropped;
  if (profile.node == kNoRow) Open(profile);
  const SampleNode like = Translate(incoming, shape, set);
  if (shape == SampleShape::kMultiValue) return AddSample(like, profile.node);
  const auto found = leaving_samples_.FindOrAdd(LeavingPrint(like, profile.node),
                                                static_cast<uint32_t>(content_->samples.size()));
  return found.added ? AddSample(like, profile.node) : found.number;
}

void TransformingMerger::MergeSample(const IncomingSample& incoming, OpenProfile& profile) {
  char sum[wire::kMaxVarintBytes];
  const IncomingSample sample = Reduced(incoming, sum);
  Fingerprint print = incoming.identity;
  print += profile.key;
  print += profile.around;
  const auto known = samples_.FindOrAdd(print, kDropped);
  uint32_t number = known.number;
  if (known.added || incoming.shape == SampleShape::kMultiValue) {
    number = NodeOf(incoming, sample.shape, profile);
    samples_.Replace(print, number);
  }
  if (number == kDropped) {
    ++content_->counts.dropped_samples;
    return;
  }
  if (profile.node == kNoRow) Open(profile);
  if (!AddMeasured(*content_, content_->samples[number], sample)) {
    const SampleNode full = content_->samples[number];
    const uint32_t rest = AddSample(full, profile.node);
    CarryOver(*content_, number, rest, profile.node);
    number = rest;
    samples_.Replace(print, number);
    leaving_samples_.Replace(LeavingPrint(full, profile.node), number);
    (void)AddMeasured(*content_, content_->samples[number], sample);
  }
  SampleNode& node = content_->samples[number];
  ++node.samples_in;
  if (chain_->points().timestamps == Timestamps::kRound && sample.timestamp_count > 0 &&
      node.shape != SampleShape::kAggregate) {
    content_->points.MaskTimestamps(node.measured, chain_->points().rounding_mask);
  }
}

}  // namespace flameway
