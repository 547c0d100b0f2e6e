// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/frame_dictionary.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "processor/batch/incoming_rows.h"
#include "processor/batch/row_encoders.h"

namespace flameway {
namespace {

// Between batches; a fleet of 128 hosts needs 14 MB. One batch may need more while it is open.
constexpr size_t kMostRememberedBytes = size_t{32} << 20;

bool IsNull(const MappingRow& row) { return row == MappingRow(); }
bool IsNull(const LocationRow& row) { return row == LocationRow(); }

}  // namespace

bool FrameDictionary::Suffices(const TransformChain& chain) {
  const TransformHooks& hooks = chain.hooks();
  return !hooks.resources && !hooks.scopes && !hooks.profiles && !hooks.samples &&
         chain.points().timestamps == Timestamps::kKeep;
}

FrameDictionary::FrameDictionary(std::unique_ptr<TransformChain> chain)
    : chain_(std::move(chain)), judged_(chain_->hooks().stacks), outcomes_(1) {}

void FrameDictionary::Start(const RequestColumns& columns, const Fingerprinter& fingerprinter,
                            DictionaryRows& rows, Dictionary& values) {
  columns_ = &columns;
  fingerprinter_ = &fingerprinter;
  rows_ = &rows;
  values_ = &values;
  const Buffer<uint32_t>& arrived = values.new_locations_;
  const Fingerprint* const prints = columns.locations.fingerprints.data();
  for (const uint32_t location : arrived) remembered_.Prefetch(prints[location]);
  outcome_of_.Clear();
  outcome_of_.Resize(columns.locations.size(), 0);
  for (const uint32_t location : arrived) {
    const uint32_t outcome = remembered_.Find(prints[location]);
    outcome_of_[location] = outcome;
    if (outcome > kAsItCame) PrefetchChanged(outcomes_[outcome - 1]);
  }
}

void FrameDictionary::Clear() {
  marks_.Clear();
  marked_.clear();
  location_faces_.clear();
  stack_faces_.clear();
  identities_.Clear();
  identity_count_ = 0;
  if (remembered_bytes() <= kMostRememberedBytes) return;
  remembered_ = Table();
  outcomes_ = std::vector<Outcome>(1);
  changed_ = {};
  changed_lines_ = {};
  changed_text_ = {};
  changed_others_ = {};
  truncated_frame_ = kUnchanged;
}

void FrameDictionary::Shrink() {
  Clear();
  for (Table* table : {&marks_, &identities_}) *table = Table();
  marked_ = {};
  location_faces_ = {};
  stack_faces_ = {};
  outcome_of_ = {};
}

size_t FrameDictionary::remembered_bytes() const {
  constexpr size_t kPerOther = 512;  // a mapping and attributes with their texts
  return remembered_.memory_bytes() + outcomes_.capacity() * sizeof(Outcome) +
         changed_.capacity() * sizeof(Changed) + changed_lines_.capacity() * sizeof(ChangedLine) +
         changed_text_.capacity() + kPerOther * changed_others_.size();
}

size_t FrameDictionary::memory_bytes() const {
  return remembered_bytes() + outcome_of_.capacity_bytes() + marks_.memory_bytes() +
         identities_.memory_bytes() + marked_.capacity() * sizeof(Marked) +
         (location_faces_.capacity() + stack_faces_.capacity()) * sizeof(Fingerprint);
}

const FrameDictionary::Outcome& FrameDictionary::OutcomeOf(uint32_t location) {
  uint32_t& known = outcome_of_[location];
  if (known != 0) return outcomes_[known - 1];
  const Fingerprint& print = columns_->locations.fingerprints[location];
  known = RunChain(location) + 1;
  remembered_.FindOrAdd(print, known);
  return outcomes_[known - 1];
}

uint32_t FrameDictionary::RunChain(uint32_t location) {
  const IncomingLocation& incoming = columns_->locations.rows[location];
  if (incoming.IsZero()) return 0;
  const LocationRow before = flameway::RowOf(*columns_, incoming);
  LocationRow row = before;
  Outcome outcome;
  chain_->RunLocation(row, outcome.marks);
  outcome.marked = outcome.marks != TransformChain::Marks{};
  const bool changed = row != before;
  if (!outcome.marked && !changed) return 0;
  if (changed) {
    ChangedOther other{.mapping_kept = row.mapping == before.mapping,
                       .attributes_kept = row.attributes == before.attributes};
    outcome.changed = Remember(row, std::move(other));
  }
  outcomes_.push_back(outcome);
  return static_cast<uint32_t>(outcomes_.size() - 1);
}

uint32_t FrameDictionary::Remember(const LocationRow& row, ChangedOther other) {
  const Fingerprint print = PrintOf(row, *fingerprinter_);
  Changed changed{.key = IsStable(row) ? print : Salted(print),
                  .address = row.address,
                  .lines = {.begin = static_cast<uint32_t>(changed_lines_.size()),
                            .count = static_cast<uint32_t>(row.lines.size())},
                  .is_null = IsNull(row)};
  for (const LineRow& line : row.lines) {
    const FunctionRow& function = line.function;
    changed_lines_.push_back(
        {.function = PrintOf(function, *fingerprinter_),
         .name = fingerprinter_->Bytes(function.name),
         .system_name = fingerprinter_->Bytes(function.system_name),
         .filename = fingerprinter_->Bytes(function.filename),
         .start_line = function.start_line,
         .line = line.line,
         .column = line.column,
         .text = static_cast<uint32_t>(changed_text_.size()),
         .name_bytes = static_cast<uint32_t>(function.name.size()),
         .system_name_bytes = static_cast<uint32_t>(function.system_name.size()),
         .filename_bytes = static_cast<uint32_t>(function.filename.size())});
    for (const std::string* text : {&function.name, &function.system_name, &function.filename})
      changed_text_ += *text;
  }
  if (!other.mapping_kept || !other.attributes_kept) {
    other.mapping = row.mapping;
    other.attributes = row.attributes;
    changed.other = static_cast<uint32_t>(changed_others_.size());
    changed_others_.push_back(std::move(other));
  }
  changed_.push_back(changed);
  return static_cast<uint32_t>(changed_.size() - 1);
}

// Starts the probes for what a changed location will bring.
void FrameDictionary::PrefetchChanged(const Outcome& outcome) const {
  if (outcome.changed == kUnchanged) return;
  const Changed& changed = changed_[outcome.changed];
  values_->locations_.table.Prefetch(changed.key);
  if (changed.lines.count == 0) return;
  const ChangedLine& line = changed_lines_[changed.lines.begin];
  values_->functions_.table.Prefetch(line.function);
  values_->strings_.table.Prefetch(line.name);
}

// Whether the row, were it to come in, would leave as it is and unmarked.
bool FrameDictionary::IsStable(const LocationRow& row) const {
  if (IsNull(row)) return true;  // not shown to the chain
  LocationRow again = row;
  TransformChain::Marks marks{};
  chain_->RunLocation(again, marks);
  return again == row && marks == TransformChain::Marks{};
}

Fingerprint FrameDictionary::Salted(const Fingerprint& key) const {
  return fingerprinter_->Join(key, WordPair{});
}

Fingerprint FrameDictionary::KeyOf(uint32_t location, const Outcome& outcome) const {
  if (outcome.changed != kUnchanged) return changed_[outcome.changed].key;
  const Fingerprint& print = columns_->locations.fingerprints[location];
  return outcome.marked ? Salted(print) : print;
}

uint32_t FrameDictionary::Location(uint32_t location) {
  uint32_t& known = values_->locations_.known[location];
  if (known != 0) return known;
  const IncomingLocation& incoming = columns_->locations.rows[location];
  if (incoming.IsZero()) return 0;
  const Outcome& outcome = OutcomeOf(location);
  if (outcome.marked) {
    known = Mark(location, outcome);
  } else if (outcome.changed != kUnchanged) {
    known = PutChanged(location, changed_[outcome.changed]);
  } else {
    known = Put(values_->locations_.table, rows_->locations,
                columns_->locations.fingerprints[location], [&] { values_->Write(incoming); });
  }
  return known;
}

uint32_t FrameDictionary::Mark(uint32_t location, const Outcome& outcome) {
  const auto found = marks_.FindOrAdd(columns_->locations.fingerprints[location],
                                      static_cast<uint32_t>(marked_.size()));
  if (found.added)
    marked_.push_back({.outcome = static_cast<uint32_t>(&outcome - outcomes_.data())});
  return found.number | kMarked;
}

uint32_t FrameDictionary::PutChanged(uint32_t location, const Changed& changed) {
  Table& table = values_->locations_.table;
  const Fingerprint& print = columns_->locations.fingerprints[location];
  const uint32_t next = rows_->locations.size();
  uint32_t number = 0;
  if (!changed.is_null) {
    number = Put(
        table, rows_->locations, changed.key, [&] { Write(location, changed); }, kAlias);
  }
  const uint32_t row = RowOf(number);
  if (rows_->locations.size() != next) {
    SetFace(location_faces_, row, print);
    return table.FindOrAdd(print, row).number;
  }
  if ((number & kAlias) == 0) SetFace(location_faces_, row, changed.key);
  return table.FindOrAdd(print, row | kAlias).number;
}

FrameDictionary::Place FrameDictionary::PlaceOf(uint32_t location) {
  const uint32_t number = Location(location);
  if ((number & kMarked) != 0) {
    Marked& marked = marked_[number & ~kMarked];
    if (!marked.placed) {
      const Outcome& outcome = outcomes_[marked.outcome];
      marked.place = PlaceOf(KeyOf(location, outcome), [&] {
        if (outcome.changed == kUnchanged) {
          values_->Write(columns_->locations.rows[location]);
        } else {
          Write(location, changed_[outcome.changed]);
        }
      });
      marked.placed = true;
    }
    return marked.place;
  }
  if ((number & kAlias) != 0) return {RowOf(number), location_faces_[RowOf(number)]};
  return {number, columns_->locations.fingerprints[location]};
}

template <typename WriteRow>
FrameDictionary::Place FrameDictionary::PlaceOf(const Fingerprint& key, const WriteRow& write) {
  const uint32_t number = Put(values_->locations_.table, rows_->locations, key, write);
  const uint32_t row = RowOf(number);
  return {row, (number & kAlias) != 0 ? location_faces_[row] : key};
}

const Fingerprint& FrameDictionary::Face(WireIndex index) {
  const uint32_t number = Translate(index.value);
  return (number & kAlias) != 0 ? stack_faces_[RowOf(number)]
                                : columns_->stacks.fingerprints[index.value];
}

uint32_t FrameDictionary::Translate(uint32_t stack) {
  uint32_t& known = values_->stacks_.known[stack];
  if (known != 0) return known;
  const ListSpan locations = columns_->stacks.rows[stack].locations;
  if (locations.count == 0) return 0;
  OutputTable& out = rows_->stacks;
  const auto found =
      values_->stacks_.table.FindOrAdd(columns_->stacks.fingerprints[stack], out.size());
  known = found.number;
#ifndef FLAMEWAY_CHECKED
  if (!found.added) return known;
#endif
  const std::span frames(columns_->stack_locations.data() + locations.begin, locations.count);
  const uint32_t* const numbers = values_->locations_.known.data();
  uint32_t* const list = out.OpenList(frames.size());
  uint32_t flags = judged_ == StackHook::kAll ? kMarked : 0;
  bool any_new = false;
  for (size_t i = 0; i < frames.size(); ++i) {
    list[i] = numbers[frames[i]];
    flags |= list[i];
    any_new |= list[i] == 0;
  }
  // Nothing is written of a frame before it is known whether it may go.
  for (size_t i = 0; any_new && i < frames.size(); ++i) {
    if (list[i] == 0 && IsMarked(frames[i])) flags |= kMarked;
  }
  for (size_t i = 0; any_new && (flags & kMarked) == 0 && i < frames.size(); ++i) {
    if (list[i] == 0) flags |= list[i] = Location(frames[i]);
  }
  if ((flags & (kAlias | kMarked)) == 0) {
    Settle(found, out);
    return known;
  }
  out.Drop();
  bool stable = true;
  if ((flags & kMarked) != 0) {
    stable = Select(frames);
  } else {
    places_.clear();
    for (const uint32_t frame : frames) places_.push_back(PlaceOf(frame));
  }
  return known = PutPlaces(columns_->stacks.fingerprints[stack], stable, found);
}

uint32_t FrameDictionary::PutPlaces(const Fingerprint& incoming, bool stable,
                                    const Table::Found& found) {
  OutputTable& out = rows_->stacks;
  const auto write = [&] {
    uint32_t* list = out.OpenList(places_.size());
    for (const Place& place : places_) *list++ = place.row;
  };
  const Fingerprint face = stable ? FaceOfPlaces() : Salted(FaceOfPlaces());
  if (face == incoming) {
    write();
    Settle(found, out);
    return found.number;
  }
  Table& table = values_->stacks_.table;
  const uint32_t row = places_.empty() ? 0 : Put(table, out, face, write);
  SetFace(stack_faces_, row, face);
  table.Replace(incoming, row | kAlias);
  return row | kAlias;
}

bool FrameDictionary::Select(std::span<const uint32_t> frames) {
  places_.clear();
  marks_of_frames_.clear();
  identities_of_frames_.clear();
  for (const uint32_t frame : frames) {
    const Outcome& outcome = OutcomeOf(frame);
    marks_of_frames_.push_back(outcome.marks);
    identities_of_frames_.push_back(IdentityOf(KeyOf(frame, outcome)));
  }
  const bool truncated = chain_->RunStack(marks_of_frames_, identities_of_frames_, kept_);
  if (truncated) places_.push_back(TruncatedFrame());
  for (const uint32_t i : kept_) places_.push_back(PlaceOf(frames[i]));
  return judged_ != StackHook::kAll || SelectionIsStable(truncated);
}

bool FrameDictionary::SelectionIsStable(bool truncated) {
  std::vector<uint32_t> identities;
  if (truncated) identities.push_back(IdentityOf(changed_[truncated_frame_].key));
  for (const uint32_t i : kept_) identities.push_back(identities_of_frames_[i]);
  marks_of_frames_.assign(identities.size(), {});
  return !chain_->RunStack(marks_of_frames_, identities, kept_) &&
         kept_.size() == identities.size();
}

uint32_t FrameDictionary::IdentityOf(const Fingerprint& key) {
  const auto found = identities_.FindOrAdd(key, identity_count_ + 1);
  if (found.added) ++identity_count_;
  return found.number;
}

FrameDictionary::Place FrameDictionary::TruncatedFrame() {
  if (truncated_frame_ == kUnchanged) {
    truncated_frame_ = Remember(
        {.lines = {{.function = {.name = std::string(kTruncatedFrameName)}}}}, ChangedOther{});
  }
  const Changed& frame = changed_[truncated_frame_];
  return PlaceOf(frame.key, [&] { Write(0, frame); });
}

Fingerprint FrameDictionary::FaceOfPlaces() {
  while (order_.size() < places_.size()) order_.push_back(static_cast<uint32_t>(order_.size()));
  faces_.clear();
  for (const Place& place : places_) faces_.push_back(place.face);
  return fingerprinter_->Sequence(faces_.data(), std::span(order_).first(faces_.size()));
}

void FrameDictionary::SetFace(std::vector<Fingerprint>& faces, uint32_t row,
                              const Fingerprint& face) {
  if (row >= faces.size()) faces.resize(size_t{row} + 1);
  faces[row] = face;
}

// Closes the open row, which is new unless `found` was there before.
void FrameDictionary::Settle(const Table::Found& found, OutputTable& out) {
#ifdef FLAMEWAY_CHECKED
  if (!found.added) {
    if (!out.OpenIsSameAs(RowOf(found.number))) values_->ReportCollision("transformed row");
    out.Drop();
    return;
  }
#else
  (void)found;
#endif
  out.Close();
}

template <typename WriteRow>
uint32_t FrameDictionary::Put(Table& table, OutputTable& out, const Fingerprint& key,
                              const WriteRow& write, uint32_t flag) {
  const auto found = table.FindOrAdd(key, out.size() | flag);
#ifndef FLAMEWAY_CHECKED
  if (!found.added) return found.number;
#endif
  write();
  Settle(found, out);
  return found.number;
}

StringId FrameDictionary::Put(std::string_view text, const Fingerprint& print) {
  if (text.empty()) return {};
  OutputTable& out = rows_->strings;
  return StringId(Put(values_->strings_.table, out, print, [&] { out.Write(text); }));
}

void FrameDictionary::PutList(const AttributeList& attributes, OutputTable& out) {
  std::vector<uint32_t> numbers;
  for (const Attribute& attribute : attributes) {
    if (IsNull(attribute)) continue;
    const Fingerprint print = PrintOf(attribute, *fingerprinter_);
    numbers.push_back(Put(values_->attributes_.table, rows_->attributes, print, [&] {
      const StringId key = Put(attribute.key, fingerprinter_->Bytes(attribute.key));
      const StringId unit = Put(attribute.unit, fingerprinter_->Bytes(attribute.unit));
      WriteAttribute(key, attribute.value, unit, rows_->attributes);
    }));
  }
  std::sort(numbers.begin(), numbers.end());
  std::copy(numbers.begin(), numbers.end(), out.OpenList(numbers.size()));
}

FunctionId FrameDictionary::PutFunction(const ChangedLine& line) {
  const std::string_view text = std::string_view(changed_text_).substr(line.text);
  const std::string_view name = text.substr(0, line.name_bytes);
  const std::string_view system_name = text.substr(name.size(), line.system_name_bytes);
  const std::string_view filename =
      text.substr(name.size() + system_name.size(), line.filename_bytes);
  if (name.empty() && system_name.empty() && filename.empty() && line.start_line == 0) return {};
  OutputTable& out = rows_->functions;
  return FunctionId(Put(values_->functions_.table, out, line.function, [&] {
    const StringId n = Put(name, line.name);
    const StringId s = Put(system_name, line.system_name);
    WriteFunction(n, s, Put(filename, line.filename), line.start_line, out);
  }));
}

MappingId FrameDictionary::Put(const MappingRow& row) {
  if (IsNull(row)) return {};
  OutputTable& out = rows_->mappings;
  return MappingId(Put(values_->mappings_.table, out, PrintOf(row, *fingerprinter_), [&] {
    const StringId filename = Put(row.filename, fingerprinter_->Bytes(row.filename));
    WriteMapping(row.memory_start, row.memory_limit, row.file_offset, filename, out);
    PutList(row.attributes, out);
  }));
}

// `location`: of the request, which has the parts that were kept.
void FrameDictionary::Write(uint32_t location, const Changed& changed) {
  const IncomingLocation& incoming = columns_->locations.rows[location];
  const ChangedOther* const other =
      changed.other == kUnchanged ? nullptr : &changed_others_[changed.other];
  OutputTable& out = rows_->locations;
  MappingId mapping;
  if (other == nullptr || other->mapping_kept) {
    mapping = values_->Mapping(incoming.mapping);
  } else if (other->mapping.has_value()) {
    mapping = Put(*other->mapping);
  }
  WriteLocation(mapping, changed.address, out);
  for (uint32_t i = 0; i < changed.lines.count; ++i) {
    const ChangedLine& line = changed_lines_[changed.lines.begin + i];
    WriteLine(PutFunction(line), line.line, line.column, out);
  }
  if (other == nullptr || other->attributes_kept) {
    values_->Attributes(incoming.attributes, out.OpenList(incoming.attributes.count));
  } else {
    PutList(other->attributes, out);
  }
}

}  // namespace flameway
