// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/batch.h"

#include <algorithm>
#include <utility>

#include "processor/batch/carried_totals.h"
#include "processor/batch/joining.h"
#include "proto/wire/varint.h"

namespace flameway {
namespace {

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

}  // namespace

Batch::Batch(const BatchOptions& options, std::unique_ptr<TransformChain> chain)
    : options_(options), content_(std::make_unique<BatchContent>()) {
  if (chain == nullptr) return;
  if (FrameDictionary::Suffices(*chain)) {
    frames_ = std::make_unique<FrameDictionary>(std::move(chain));
  } else {
    merger_ = std::make_unique<TransformingMerger>(std::move(chain), options.coalesce);
  }
}

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
         (merger_ ? merger_->memory_bytes() : 0) + (frames_ ? frames_->memory_bytes() : 0) +
         dictionary_.memory_bytes() + resources_.memory_bytes() + scopes_.memory_bytes() +
         profiles_.memory_bytes() + samples_.memory_bytes();
}

SealedBatch Batch::Seal() {
  SettleCarriedTotals(*content_);
  SealedBatch sealed(std::move(content_));
  content_ = spare_ ? std::move(spare_) : std::make_unique<BatchContent>();
  dictionary_.Clear();
  if (merger_ != nullptr) merger_->Clear();
  if (frames_ != nullptr) frames_->Clear();
  for (Table* table : {&resources_, &scopes_, &profiles_, &samples_}) table->Clear();
#ifdef FLAMEWAY_CHECKED
  for (auto* parents : {&scope_parents_, &profile_parents_, &sample_parents_}) parents->clear();
  profile_identities_.clear();
#endif
  return sealed;
}

void Batch::Recycle(SealedBatch batch) {
  spare_ = std::move(batch.content_);
  spare_->Reset();
  // Nothing came in between, as is usual: then the same memory serves batch after batch, and there
  // is no second one beside it.
  if (empty() && content_->memory_bytes() < spare_->memory_bytes()) std::swap(content_, spare_);
}

void Batch::Shrink() {
  content_ = std::make_unique<BatchContent>();
  spare_ = nullptr;
  dictionary_ = Dictionary();
  for (Table* table : {&resources_, &scopes_, &profiles_, &samples_}) *table = Table();
  if (frames_ != nullptr) frames_->Shrink();
  if (merger_ != nullptr)
    merger_ = std::make_unique<TransformingMerger>(merger_->TakeChain(), options_.coalesce);
}

size_t Batch::remembered_bytes() const { return frames_ ? frames_->remembered_bytes() : 0; }

void Batch::Merge(const Request& request, const MergeRange& range) {
  const RequestColumns& columns = request.columns();
  fingerprinter_ = &request.fingerprinter();
  content_->secret = fingerprinter_->secret();
  ++content_->counts.requests;
  if (merger_ != nullptr) return merger_->Merge(request, *content_);
  dictionary_.Start(columns, content_->rows, frames_ == nullptr);
  if (frames_ != nullptr) frames_->Start(columns, *fingerprinter_, content_->rows, dictionary_);
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
  if (!added) CheckResource(resource, number);
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
  if (added) {
    scope_parents_.push_back(resource);
  } else {
    CheckScope(scope, resource, number);
  }
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
  const TimeIdentity time = TimeIdentityOf(profile.shape, profile.time_unix_nano,
                                           profile.duration_nano, options_.coalesce);
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
                            time.kind,
                            time.time_unix_nano,
                            time.duration_nano,
                            apart ? ++profiles_kept_apart_ : 0};
  key = fingerprinter_->Words(words);
  std::vector<ProfileNode>& nodes = content_->profiles;
  const auto [number, added] = profiles_.FindOrAdd(key, static_cast<uint32_t>(nodes.size()));
  if (added) {
    uint32_t& last = content_->scopes[scope].last_profile;
    EncodeHead(profile);
    const size_t attributes = Attributes(profile.attributes).size();
    nodes.push_back({.head = content_->AddText(head_),
                     .attributes = KeepAttributes(attributes),
                     .time_unix_nano = profile.time_unix_nano,
                     .duration_nano = profile.duration_nano,
                     .previous = last});
    last = number;
  }
#ifdef FLAMEWAY_CHECKED
  if (added) {
    profile_parents_.push_back(scope);
    profile_identities_.push_back({profile.shape, time});
  } else {
    CheckProfile(profile, scope, number);
  }
#endif
  ProfileNode& node = nodes[number];
  ++node.profiles_in;
  ++content_->counts.profiles;
  if (!added && time.kind == 0) WidenRange(node, profile.time_unix_nano, profile.duration_nano);
  return number;
}

void Batch::EncodeHead(const IncomingProfile& profile) {
  const StringId type = dictionary_.String(profile.type);
  const StringId type_unit = dictionary_.String(profile.type_unit);
  const StringId period_type = dictionary_.String(profile.period_type);
  EncodeProfileHead({.type = type,
                     .type_unit = type_unit,
                     .period_type = period_type,
                     .period_unit = dictionary_.String(profile.period_unit),
                     .period = profile.period,
                     .profile_id = profile.profile_id,
                     .dropped_attributes_count = profile.dropped_attributes_count,
                     .payload_format = profile.payload_format,
                     .payload = profile.payload},
                    head_);
}

std::span<const uint32_t> Batch::Attributes(ListSpan incoming) {
  uint32_t* const list = content_->lists.Reserve(incoming.count);
  dictionary_.Attributes(incoming, list);
  return {list, incoming.count};
}

ListSpan Batch::KeepAttributes(size_t count) {
  const ListSpan kept{.begin = static_cast<uint32_t>(content_->lists.size()),
                      .count = static_cast<uint32_t>(count)};
  content_->lists.Extend(count);
  return kept;
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

// Samples that came in with different stacks may leave with one: they are known by its face.
Fingerprint Batch::FacePrint(const IncomingSample& sample, const Fingerprint& key) const {
  const Fingerprint& face = frames_->Face(sample.stack);
  Fingerprint print = face == dictionary_.StackPrint(sample.stack)
                          ? sample.identity
                          : dictionary_.SamplePrintWith(face, sample, *fingerprinter_);
  print += key;
  return print;
}

StackId Batch::StackOf(const IncomingSample& sample) {
  return frames_ == nullptr ? dictionary_.Stack(sample.stack) : frames_->Stack(sample.stack);
}

void Batch::MergeSample(const IncomingSample& sample, const Fingerprint& key, uint32_t profile) {
  ++content_->counts.samples;
  Buffer<SampleNode>& nodes = content_->samples;
  if (sample.shape == SampleShape::kMultiValue) {
    (void)AddMeasured(*content_, nodes[AddSample(sample, profile)], sample);
    return;
  }
  // Keyed fingerprints of both; their sum is as hard to aim at as each.
  Fingerprint print = sample.identity;
  print += key;
  auto [number, added] = samples_.FindOrAdd(print, static_cast<uint32_t>(nodes.size()));
  if (added && frames_ != nullptr) {
    if (const Fingerprint face = FacePrint(sample, key); face != print) {
      const auto found = samples_.FindOrAdd(face, number);
      added = found.added;
      if (!added) samples_.Replace(print, number = found.number);
    }
  }
  if (added) AddSample(sample, profile);
#ifdef FLAMEWAY_CHECKED
  if (!added) CheckSample(sample, profile, number);
#endif
  if (!AddMeasured(*content_, nodes[number], sample)) {
    const uint32_t rest = AddSample(sample, profile);
    samples_.Replace(print, rest);
    if (frames_ != nullptr) samples_.Replace(FacePrint(sample, key), rest);
    CarryOver(*content_, number, rest, profile);
    (void)AddMeasured(*content_, nodes[rest], sample);
  } else if (!added) {
    ++nodes[number].samples_in;
  }
}

uint32_t Batch::AddSample(const IncomingSample& sample, uint32_t profile) {
  const ListSpan attributes = KeepAttributes(Attributes(sample.attributes).size());
  const StackId stack = StackOf(sample);
  const LinkId link = dictionary_.Link(sample.link);
  const auto number = static_cast<uint32_t>(content_->samples.size());
  SampleNode& node = content_->samples.Append();
  node.stack = stack;
  node.link = link;
  node.attributes = attributes;
  node.measured = content_->OpenMeasured(sample.shape);
  node.previous = std::exchange(content_->profiles[profile].last_sample, number);
  node.samples_in = 1;
  node.shape = sample.shape;
#ifdef FLAMEWAY_CHECKED
  sample_parents_.push_back(profile);
#endif
  return number;
}

#ifdef FLAMEWAY_CHECKED
namespace {

// The fields of a canonical Resource or InstrumentationScope, sorted: its attributes may come in
// any order.
std::vector<std::string_view> SortedFields(std::string_view message) {
  std::vector<std::string_view> sorted;
  const char* start = message.data();
  for (wire::Reader fields(message); fields.Next(); start = fields.position())
    sorted.emplace_back(start, static_cast<size_t>(fields.position() - start));
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

// The dictionary compares its rows where they are translated; these are the nodes above them.
void Batch::CheckResource(const IncomingResource& resource, uint32_t number) {
  const ResourceNode& node = content_->resources[number];
  if (SortedFields(resource.resource) != SortedFields(content_->Text(node.resource)) ||
      resource.schema_url != content_->Text(node.schema_url)) {
    dictionary_.ReportCollision("resource");
  }
}

void Batch::CheckScope(const IncomingScope& scope, uint32_t resource, uint32_t number) {
  const ScopeNode& node = content_->scopes[number];
  if (scope_parents_[number] != resource ||
      SortedFields(scope.scope) != SortedFields(content_->Text(node.scope)) ||
      scope.schema_url != content_->Text(node.schema_url)) {
    dictionary_.ReportCollision("scope");
  }
}

void Batch::CheckProfile(const IncomingProfile& profile, uint32_t scope, uint32_t number) {
  EncodeHead(profile);
  const ProfileNode& node = content_->profiles[number];
  const ProfileIdentity& first = profile_identities_[number];
  const TimeIdentity time = TimeIdentityOf(profile.shape, profile.time_unix_nano,
                                           profile.duration_nano, options_.coalesce);
  if (profile_parents_[number] != scope || head_ != content_->Text(node.head) ||
      !std::ranges::equal(Attributes(profile.attributes), content_->List(node.attributes)) ||
      profile.shape != first.shape || time != first.time) {
    dictionary_.ReportCollision("profile");
  }
}

void Batch::CheckSample(const IncomingSample& sample, uint32_t profile, uint32_t number) {
  const SampleNode& node = content_->samples[number];
  if (sample_parents_[number] != profile || StackOf(sample) != node.stack ||
      dictionary_.Link(sample.link) != node.link || sample.shape != node.shape ||
      !std::ranges::equal(Attributes(sample.attributes), content_->List(node.attributes))) {
    dictionary_.ReportCollision("sample");
  }
}
#endif

}  // namespace flameway
