// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/frame_dictionary.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "processor/batch/incoming_rows.h"
#include "processor/batch/row_encoders.h"
#include "processor/request/row_prints.h"

namespace flameway {
namespace {

// Between batches; a fleet of 128 hosts needs 14 MB. One batch may need more while it is open.
constexpr size_t kMostRememberedBytes = size_t{32} << 20;

bool IsNull(const Attribute& attribute) {
  return attribute.key.empty() && attribute.value.empty() && attribute.unit.empty();
}
bool IsNull(const MappingRow& row) { return row == MappingRow(); }
bool IsNull(const LocationRow& row) { return row == LocationRow(); }

}  // namespace

bool FrameDictionary::Suffices(const TransformChain& chain) {
  const TransformHooks& hooks = chain.hooks();
  return !hooks.resources && !hooks.scopes && !hooks.profiles && !hooks.samples &&
         chain.points().timestamps == Timestamps::kKeep;
}

FrameDictionary::FrameDictionary(std::unique_ptr<TransformChain> chain)
    : chain_(std::move(chain)),
      every_stack_(chain_->hooks().stacks == StackHook::kAll),
      outcomes_(1) {}

void FrameDictionary::Start(const RequestColumns& columns, const Fingerprinter& fingerprinter,
                            DictionaryRows& rows, Dictionary& values) {
  columns_ = &columns;
  fingerprinter_ = &fingerprinter;
  rows_ = &rows;
  values_ = &values;
  locations_.FindAll(columns.locations.fingerprints, known_);
  for (size_t i = 0; i < known_.size(); ++i) {
    if (known_[i] != 0) continue;
    remembered_.Prefetch(columns.locations.fingerprints[i]);
    values.locations_.table.Prefetch(columns.locations.fingerprints[i]);
  }
  values.PrefetchPartsOfNewLocations(known_);
  outcome_of_.Clear();
  uint32_t* const outcomes = outcome_of_.Reserve(known_.size());
  outcome_of_.Extend(known_.size());
  for (size_t i = 0; i < known_.size(); ++i) {
    outcomes[i] = known_[i] != 0 ? 0 : remembered_.Find(columns.locations.fingerprints[i]);
  }
}

void FrameDictionary::Clear() {
  locations_.Clear();
  marked_.clear();
  stacks_.Clear();
  translated_.clear();
  first_of_row_.clear();
  identities_.Clear();
  identity_count_ = 0;
  if (remembered_bytes() <= kMostRememberedBytes) return;
  remembered_ = Table();
  outcomes_ = std::vector<Outcome>(1);
  changed_ = {};
}

void FrameDictionary::Shrink() {
  Clear();
  for (Table* table : {&locations_, &stacks_, &identities_}) *table = Table();
  marked_ = {};
  translated_ = {};
  first_of_row_ = {};
  known_ = {};
  outcome_of_ = {};
}

size_t FrameDictionary::remembered_bytes() const {
  constexpr size_t kPerChanged = 512;  // a row with its texts
  return remembered_.memory_bytes() + outcomes_.capacity() * sizeof(Outcome) +
         kPerChanged * changed_.size();
}

size_t FrameDictionary::memory_bytes() const {
  size_t bytes = remembered_bytes() + known_.capacity_bytes() + outcome_of_.capacity_bytes();
  for (const Table* table : {&locations_, &stacks_, &identities_}) bytes += table->memory_bytes();
  return bytes + marked_.capacity() * sizeof(Marked) + translated_.capacity() * sizeof(Stack) +
         first_of_row_.capacity() * sizeof(uint32_t);
}

const FrameDictionary::Outcome& FrameDictionary::OutcomeOf(uint32_t location) {
  uint32_t& known = outcome_of_[location];
  if (known != 0) return outcomes_[known - 1];
  const Fingerprint& print = columns_->locations.fingerprints[location];
  const auto found = remembered_.FindOrAdd(print, 1);
  known = found.number;
  if (found.added) {
    known = RunChain(location) + 1;
    remembered_.Replace(print, known);
  }
  return outcomes_[known - 1];
}

uint32_t FrameDictionary::RunChain(uint32_t location) {
  const IncomingLocation& incoming = columns_->locations.rows[location];
  if (incoming.IsZero()) return 0;
  const LocationRow before = RowOf(*columns_, incoming);
  LocationRow row = before;
  Outcome outcome;
  chain_->RunLocation(row, outcome.marks);
  outcome.marked = outcome.marks != TransformChain::Marks{};
  const bool changed = row != before;
  if (!outcome.marked && !changed) return 0;
  if (changed) {
    outcome.changed = static_cast<uint32_t>(changed_.size());
    Changed& added = changed_.emplace_back();
    added.print = PrintOf(row);
    for (const LineRow& line : row.lines) added.functions.push_back(PrintOf(line.function));
    added.mapping_kept = row.mapping == before.mapping;
    added.attributes_kept = row.attributes == before.attributes;
    added.row = std::move(row);
  }
  outcomes_.push_back(outcome);
  return static_cast<uint32_t>(outcomes_.size() - 1);
}

uint32_t FrameDictionary::Resolve(uint32_t location) {
  uint32_t& known = known_[location];
  if (known != 0) return known;
  const Outcome& outcome = OutcomeOf(location);
  if (!outcome.marked) return 0;
  const auto found = locations_.FindOrAdd(columns_->locations.fingerprints[location],
                                          static_cast<uint32_t>(marked_.size()) | kMarked);
  known = found.number;
  if (found.added)
    marked_.push_back({.outcome = static_cast<uint32_t>(&outcome - outcomes_.data())});
  return known;
}

uint32_t FrameDictionary::PutOutcome(uint32_t location, const Outcome& outcome) {
  if (outcome.changed == kUnchanged) return values_->Location({location}).value();
  return Put(changed_[outcome.changed], location);
}

uint32_t FrameDictionary::Keep(uint32_t location) {
  const uint32_t known = Resolve(location);
  if (known == 0) {
    const uint32_t number = PutOutcome(location, OutcomeOf(location));
    if (number == 0) return 0;
    const Fingerprint& print = columns_->locations.fingerprints[location];
    return known_[location] = locations_.FindOrAdd(print, number).number;
  }
  if ((known & kMarked) == 0) return known;
  Marked& marked = marked_[known & ~kMarked];
  if (marked.number == kUnset) marked.number = PutOutcome(location, outcomes_[marked.outcome]);
  return marked.number;
}

const FrameDictionary::Stack& FrameDictionary::Translate(WireIndex index) {
  const Fingerprint& incoming = columns_->stacks.fingerprints[index.value];
  const auto found = stacks_.FindOrAdd(incoming, static_cast<uint32_t>(translated_.size()));
  if (!found.added) return translated_[found.number];
  const ListSpan locations = columns_->stacks.rows[index.value].locations;
  const std::span frames(columns_->stack_locations.data() + locations.begin, locations.count);
  numbers_.resize(frames.size());
  bool plain = !every_stack_;
  for (size_t i = 0; i < frames.size(); ++i) {
    numbers_[i] = known_[frames[i]];
    plain &= numbers_[i] - 1 < kMarked - 1;  // neither 0 nor marked
  }
  if (!plain) TranslateWithCare(frames);
  const uint32_t number = numbers_.empty() ? 0 : PutStack(numbers_);
  constexpr uint32_t kNone = UINT32_MAX;
  if (number >= first_of_row_.size()) first_of_row_.resize(size_t{number} + 1, kNone);
  uint32_t& first = first_of_row_[number];
  if (first == kNone) first = found.number;
  return translated_.emplace_back(
      Stack{.number = StackId(number),
            .first = first == found.number ? incoming : translated_[first].first});
}

void FrameDictionary::TranslateWithCare(std::span<const uint32_t> frames) {
  bool marked = every_stack_;
  for (const uint32_t frame : frames) marked |= (Resolve(frame) & kMarked) != 0;
  numbers_.clear();
  if (!marked) {
    for (const uint32_t frame : frames) numbers_.push_back(Keep(frame));
    return;
  }
  if (Select(frames)) numbers_.push_back(TruncatedFrame());
  for (const uint32_t i : kept_) numbers_.push_back(Keep(frames[i]));
}

bool FrameDictionary::Select(std::span<const uint32_t> frames) {
  marks_.clear();
  identities_of_frames_.clear();
  for (const uint32_t frame : frames) {
    const Outcome& outcome = OutcomeOf(frame);
    marks_.push_back(outcome.marks);
    const Fingerprint& leaving = outcome.changed == kUnchanged
                                     ? columns_->locations.fingerprints[frame]
                                     : changed_[outcome.changed].print;
    const auto found = identities_.FindOrAdd(leaving, identity_count_ + 1);
    if (found.added) ++identity_count_;
    identities_of_frames_.push_back(found.number);
  }
  return chain_->RunStack(marks_, identities_of_frames_, kept_);
}

uint32_t FrameDictionary::TruncatedFrame() {
  Changed frame{.row = {.lines = {{.function = {.name = std::string(kTruncatedFrameName)}}}}};
  frame.print = PrintOf(frame.row);
  frame.functions.push_back(PrintOf(frame.row.lines[0].function));
  return Put(frame, 0);
}

Fingerprint FrameDictionary::PrintOf(const AttributeList& attributes) const {
  Fingerprint set;
  for (const Attribute& attribute : attributes) {
    if (!IsNull(attribute)) set += flameway::PrintOf(attribute, *fingerprinter_);
  }
  return set;
}

Fingerprint FrameDictionary::PrintOf(const FunctionRow& row) const {
  const Fingerprint system_name = fingerprinter_->Bytes(row.system_name);
  return FunctionPrint(
      *fingerprinter_, fingerprinter_->Bytes(row.name), fingerprinter_->Bytes(row.filename),
      row.system_name.empty() ? nullptr : &system_name, fingerprinter_->Bytes({}), row.start_line);
}

Fingerprint FrameDictionary::PrintOf(const MappingRow& row) const {
  const auto count = static_cast<uint32_t>(
      std::count_if(row.attributes.begin(), row.attributes.end(),
                    [](const Attribute& attribute) { return !IsNull(attribute); }));
  return MappingPrint(*fingerprinter_, row.memory_start, row.memory_limit, row.file_offset,
                      fingerprinter_->Bytes(row.filename), PrintOf(row.attributes), count);
}

Fingerprint FrameDictionary::PrintOf(const LocationRow& row) const {
  struct Line {
    Fingerprint function;
    int64_t line, column;
  };
  return LocationPrint(*fingerprinter_, PrintOf(row.mapping.value_or(MappingRow())), row.address,
                       PrintOf(row.attributes), static_cast<uint32_t>(row.lines.size()),
                       [&](uint32_t i) {
                         const LineRow& line = row.lines[i];
                         return Line{PrintOf(line.function), line.line, line.column};
                       });
}

template <typename Write>
uint32_t FrameDictionary::Put(Table& table, OutputTable& out, const Fingerprint& print,
                              const Write& write) {
  const auto found = table.FindOrAdd(print, out.size());
#ifdef FLAMEWAY_CHECKED
  write();
  if (found.added) {
    out.Close();
  } else {
    if (!out.OpenIsSameAs(found.number)) values_->ReportCollision("transformed row");
    out.Drop();
  }
#else
  if (found.added) {
    write();
    out.Close();
  }
#endif
  return found.number;
}

StringId FrameDictionary::Put(std::string_view text) {
  if (text.empty()) return {};
  OutputTable& out = rows_->strings;
  return StringId(
      Put(values_->strings_.table, out, fingerprinter_->Bytes(text), [&] { out.Write(text); }));
}

void FrameDictionary::PutList(const AttributeList& attributes, OutputTable& out) {
  std::vector<uint32_t> numbers;
  for (const Attribute& attribute : attributes) {
    if (IsNull(attribute)) continue;
    const Fingerprint print = flameway::PrintOf(attribute, *fingerprinter_);
    numbers.push_back(Put(values_->attributes_.table, rows_->attributes, print, [&] {
      const StringId key = Put(attribute.key);
      WriteAttribute(key, attribute.value, Put(attribute.unit), rows_->attributes);
    }));
  }
  std::sort(numbers.begin(), numbers.end());
  std::copy(numbers.begin(), numbers.end(), out.OpenList(numbers.size()));
}

FunctionId FrameDictionary::Put(const FunctionRow& row, const Fingerprint& print) {
  if (row == FunctionRow()) return {};
  OutputTable& out = rows_->functions;
  return FunctionId(Put(values_->functions_.table, out, print, [&] {
    const StringId name = Put(row.name);
    const StringId system_name = Put(row.system_name);
    WriteFunction(name, system_name, Put(row.filename), row.start_line, out);
  }));
}

MappingId FrameDictionary::Put(const MappingRow& row) {
  if (IsNull(row)) return {};
  OutputTable& out = rows_->mappings;
  return MappingId(Put(values_->mappings_.table, out, PrintOf(row), [&] {
    WriteMapping(row.memory_start, row.memory_limit, row.file_offset, Put(row.filename), out);
    PutList(row.attributes, out);
  }));
}

// `location`: of the request, which has the parts that were kept.
uint32_t FrameDictionary::Put(const Changed& changed, uint32_t location) {
  const LocationRow& row = changed.row;
  if (IsNull(row)) return 0;
  const IncomingLocation& incoming = columns_->locations.rows[location];
  OutputTable& out = rows_->locations;
  return Put(values_->locations_.table, out, changed.print, [&] {
    MappingId mapping;
    if (changed.mapping_kept) {
      mapping = values_->Mapping(incoming.mapping);
    } else if (row.mapping.has_value()) {
      mapping = Put(*row.mapping);
    }
    WriteLocation(mapping, row.address, out);
    for (size_t i = 0; i < row.lines.size(); ++i) {
      const LineRow& line = row.lines[i];
      WriteLine(Put(line.function, changed.functions[i]), line.line, line.column, out);
    }
    if (changed.attributes_kept) {
      values_->Attributes(incoming.attributes, out.OpenList(incoming.attributes.count));
    } else {
      PutList(row.attributes, out);
    }
  });
}

// By the numbers of its frames, which are less to read than their fingerprints.
uint32_t FrameDictionary::PutStack(std::span<const uint32_t> locations) {
  const std::string_view bytes(reinterpret_cast<const char*>(locations.data()),
                               locations.size_bytes());
  OutputTable& out = rows_->stacks;
  return Put(values_->stacks_.table, out, fingerprinter_->Bytes(bytes), [&] {
    std::copy(locations.begin(), locations.end(), out.OpenList(locations.size()));
  });
}

}  // namespace flameway
