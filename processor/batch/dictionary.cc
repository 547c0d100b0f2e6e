// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/dictionary.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>

#include "processor/batch/row_encoders.h"
#include "processor/request/row_prints.h"

namespace flameway {
DictionaryRows::DictionaryRows()
    : strings(RowLists::kNone),
      attributes(RowLists::kNone),
      functions(RowLists::kNone),
      links(RowLists::kNone),
      mappings(RowLists::kOne),
      locations(RowLists::kOne),
      stacks(RowLists::kOne) {
  Reset();
}

void DictionaryRows::Reset() {
  for (OutputTable* table :
       {&strings, &attributes, &functions, &mappings, &locations, &stacks, &links}) {
    table->Clear();
    // Strict decoders want ids of full length even in the row that means "no link".
    constexpr char kZeroes[16] = {};
    if (table == &links) WriteLink({kZeroes, 16}, {kZeroes, 8}, links);
    table->Close();
  }
}

size_t DictionaryRows::encoded_bytes_bound() const {
  return strings.encoded_bytes_bound() + attributes.encoded_bytes_bound() +
         functions.encoded_bytes_bound() + mappings.encoded_bytes_bound() +
         locations.encoded_bytes_bound() + stacks.encoded_bytes_bound() +
         links.encoded_bytes_bound();
}

size_t DictionaryRows::memory_bytes() const {
  return strings.memory_bytes() + attributes.memory_bytes() + functions.memory_bytes() +
         mappings.memory_bytes() + locations.memory_bytes() + stacks.memory_bytes() +
         links.memory_bytes();
}

Dictionary::Dictionary() {
#ifdef FLAMEWAY_CHECKED
  on_collision_ = [](const char*) { std::abort(); };
#endif
}

template <typename Row>
void Dictionary::Open(const Column<Row>& column, Translation& to) {
  to.known.Clear();
  to.known.Resize(column.size(), 0);
}

void Dictionary::Start(const RequestColumns& columns, DictionaryRows& rows, bool may_reserve) {
  columns_ = &columns;
  rows_ = &rows;
  may_reserve_ = may_reserve;
  if (may_reserve) {
    strings_.table.Reserve(columns.strings.size());
    attributes_.table.Reserve(columns.attributes.size());
    functions_.table.Reserve(columns.functions.size());
    locations_.table.Reserve(columns.locations.size());
  }
  Open(columns.strings, strings_);
  Open(columns.attributes, attributes_);
  Open(columns.functions, functions_);
  Open(columns.mappings, mappings_);
  Open(columns.locations, locations_);
  Open(columns.stacks, stacks_);
  Open(columns.links, links_);
  LookUpAttributes();
  LookUpLocations();
  LookUpFunctions();
  LookUpStrings();
}

// Into to.known. True if it is new.
template <typename Row>
[[gnu::always_inline]] inline bool Dictionary::LookUp([[maybe_unused]] const Column<Row>& column,
                                                      Translation& to, uint32_t row) {
#ifndef FLAMEWAY_CHECKED  // there each row is made and compared when it is reached
  if (may_reserve_) {
    to.table.FindOrReserve(column.fingerprints, to.known.data(), row);
  } else {
    to.known[row] = to.table.Find(column.fingerprints[row]);
  }
#endif
  return !IsKnown(to.known[row]);
}

// The rows row_of(0), row_of(1), ... row_of(count - 1), and `see_new` is told those that are new.
// With the next probes under way they cost a fraction of what they cost one by one (a sixth off
// merging the fleet).
template <typename Row, typename RowOf, typename SeeNew>
void Dictionary::LookUpMany(const Column<Row>& column, Translation& to, size_t count,
                            const RowOf& row_of, const SeeNew& see_new) {
  constexpr size_t kAhead = 20;
  for (size_t i = 0; i < count + kAhead; ++i) {
    if (i < count) to.table.Prefetch(column.fingerprints[row_of(i)]);
    if (i < kAhead) continue;
    const uint32_t row = row_of(i - kAhead);
    if (row != 0 && to.known[row] == 0 && LookUp(column, to, row)) see_new(row);
  }
}

// Most locations and attributes of a request are referred to, and their tables are large.
void Dictionary::LookUpAttributes() {
  LookUpMany(
      columns_->attributes, attributes_, columns_->attributes.size(),
      [](size_t i) { return static_cast<uint32_t>(i); }, [](uint32_t) {});
}

void Dictionary::LookUpLocations() {
  new_locations_.Clear();
  uint32_t* end = new_locations_.Reserve(columns_->locations.size());
  LookUpMany(
      columns_->locations, locations_, columns_->locations.size(),
      [](size_t i) { return static_cast<uint32_t>(i); }, [&end](uint32_t row) { *end++ = row; });
  new_locations_.Extend(static_cast<size_t>(end - new_locations_.end()));
}

// Those that new locations bring: of the first line, most have no other.
void Dictionary::LookUpFunctions() {
  new_functions_.Clear();
  uint32_t* end = new_functions_.Reserve(new_locations_.size());
  LookUpMany(
      columns_->functions, functions_, new_locations_.size(),
      [this](size_t i) {
        const ListSpan lines = columns_->locations.rows[new_locations_[i]].lines;
        return lines.count == 0 ? 0 : columns_->lines[lines.begin].function.value;
      },
      [&end](uint32_t row) { *end++ = row; });
  new_functions_.Extend(static_cast<size_t>(end - new_functions_.end()));
}

// Those that new functions bring.
void Dictionary::LookUpStrings() {
  LookUpMany(
      columns_->strings, strings_, 2 * new_functions_.size(),
      [this](size_t i) {
        const IncomingFunction& function = columns_->functions.rows[new_functions_[i / 2]];
        return (i % 2 == 0 ? function.name : function.filename).value;
      },
      [](uint32_t) {});
}

void Dictionary::Clear() {
  for (Translation* to :
       {&strings_, &attributes_, &functions_, &mappings_, &locations_, &stacks_, &links_}) {
    to->table.Clear();
  }
}

size_t Dictionary::memory_bytes() const {
  size_t bytes = 0;
  for (const Translation* to :
       {&strings_, &attributes_, &functions_, &mappings_, &locations_, &stacks_, &links_}) {
    bytes += to->table.memory_bytes() + to->known.capacity_bytes();
  }
  return bytes + new_locations_.capacity_bytes() + new_functions_.capacity_bytes() +
         new_frames_.capacity_bytes();
}

template <typename Row, typename Encode>
uint32_t Dictionary::Translate(const Column<Row>& column, WireIndex index, Translation& to,
                               OutputTable& out, const Encode& encode) {
  // A row's parts lie in other tables, so the number proposed here is still the next one when it is
  // closed.
  uint32_t& known = to.known[index.value];
  uint32_t number = out.size();
  bool added = true;
  if (Table::IsReserved(known)) {
    to.table.Settle(known, number);
  } else {
    const Fingerprint& print = column.fingerprints[index.value];
    const Table::Found found = to.table.FindOrAdd(print, number);
    const uint32_t other = found.number & ~Table::kReserved;
    if (!Table::IsReserved(found.number)) {
      number = found.number;
      added = found.added;
    } else if (other < column.size() && Table::IsReserved(to.known[other]) &&
               column.fingerprints[other] == print) {
      return known = Translate(column, {other}, to, out, encode);  // the slot is that row's
    } else {
      to.table.Replace(print, number);  // an earlier request left it unsettled
    }
  }
  known = number;
#ifdef FLAMEWAY_CHECKED
  encode(column.rows[index.value], out);
  if (added) {
    out.Close();
  } else {
    if (!out.OpenIsSameAs(number)) on_collision_(to.name);
    out.Drop();
  }
#else
  if (!added) return number;
  encode(column.rows[index.value], out);
  out.Close();
#endif
  return number;
}

StringId Dictionary::String(WireIndex index) {
  if (const uint32_t known = strings_.known[index.value]; IsKnown(known)) return StringId(known);
  const auto& column = columns_->strings;
  if (column.rows[index.value].empty()) return {};
  return StringId(Translate(column, index, strings_, rows_->strings,
                            [](std::string_view text, OutputTable& out) { out.Write(text); }));
}

AttributeId Dictionary::Attribute(WireIndex index) {
  if (const uint32_t known = attributes_.known[index.value]; IsKnown(known))
    return AttributeId(known);
  const auto& column = columns_->attributes;
  if (column.rows[index.value].IsZero()) return {};
  return AttributeId(Translate(column, index, attributes_, rows_->attributes,
                               [this](const IncomingAttribute& attribute, OutputTable& out) {
                                 const StringId key = String(attribute.key);
                                 WriteAttribute(key, attribute.value, String(attribute.unit), out);
                               }));
}

FunctionId Dictionary::Function(WireIndex index) {
  if (const uint32_t known = functions_.known[index.value]; IsKnown(known))
    return FunctionId(known);
  const auto& column = columns_->functions;
  if (column.rows[index.value].IsZero()) return {};
  return FunctionId(Translate(column, index, functions_, rows_->functions,
                              [this](const IncomingFunction& function, OutputTable& out) {
                                const StringId name = String(function.name);
                                const StringId system_name = String(function.system_name);
                                const StringId filename = String(function.filename);
                                WriteFunction(name, system_name, filename, function.start_line,
                                              out);
                              }));
}

MappingId Dictionary::Mapping(WireIndex index) {
  if (const uint32_t known = mappings_.known[index.value]; IsKnown(known)) return MappingId(known);
  const auto& column = columns_->mappings;
  if (column.rows[index.value].IsZero()) return {};
  return MappingId(Translate(column, index, mappings_, rows_->mappings,
                             [this](const IncomingMapping& mapping, OutputTable& out) {
                               WriteMapping(mapping.memory_start, mapping.memory_limit,
                                            mapping.file_offset, String(mapping.filename), out);
                               Attributes(mapping.attributes,
                                          out.OpenList(mapping.attributes.count));
                             }));
}

LocationId Dictionary::Location(WireIndex index) {
  if (const uint32_t known = locations_.known[index.value]; IsKnown(known))
    return LocationId(known);
  const auto& column = columns_->locations;
  if (column.rows[index.value].IsZero()) return {};
  return LocationId(
      Translate(column, index, locations_, rows_->locations,
                [this](const IncomingLocation& location, OutputTable&) { Write(location); }));
}

void Dictionary::Write(const IncomingLocation& location) {
  OutputTable& out = rows_->locations;
  WriteLocation(Mapping(location.mapping), location.address, out);
  for (uint32_t i = 0; i < location.lines.count; ++i) {
    const IncomingLine& line = columns_->lines[location.lines.begin + i];
    WriteLine(Function(line.function), line.line, line.column, out);
  }
  Attributes(location.attributes, out.OpenList(location.attributes.count));
}

StackId Dictionary::Stack(WireIndex index) {
  if (const uint32_t known = stacks_.known[index.value]; IsKnown(known)) return StackId(known);
  const auto& column = columns_->stacks;
  if (column.rows[index.value].IsZero()) return {};
  return StackId(Translate(
      column, index, stacks_, rows_->stacks, [this](const IncomingStack& stack, OutputTable& out) {
        const std::span<const uint32_t> frames(
            columns_->stack_locations.data() + stack.locations.begin, stack.locations.count);
        WriteFrames(frames, out.OpenList(frames.size()));
      }));
}

// The batch's numbers of a new stack's locations. The probes for those that are new are all under
// way before the first is waited for.
void Dictionary::WriteFrames(std::span<const uint32_t> frames, uint32_t* numbers) {
  const uint32_t* const known = locations_.known.data();
  new_frames_.Clear();
  uint32_t* const begin = new_frames_.Reserve(frames.size() + 1);
  uint32_t* end = begin;
  for (uint32_t i = 0; i < frames.size(); ++i) {
    const uint32_t number = known[frames[i]];
    numbers[i] = number;
    *end = i;
    end += IsKnown(number) ? 0 : 1;  // no branch: nobody can tell which are new
  }
  if (end == begin) return;
  const Fingerprint* const prints = columns_->locations.fingerprints.data();
  for (const uint32_t* i = begin; i != end; ++i) locations_.table.Prefetch(prints[frames[*i]]);
  for (const uint32_t* i = begin; i != end; ++i) numbers[*i] = Location({frames[*i]}).value();
}

LinkId Dictionary::Link(WireIndex index) {
  if (const uint32_t known = links_.known[index.value]; IsKnown(known)) return LinkId(known);
  const auto& column = columns_->links;
  if (column.rows[index.value].IsZero()) return {};
  return LinkId(Translate(column, index, links_, rows_->links,
                          [](const IncomingLink& link, OutputTable& out) {
                            WriteLink(link.trace_id, link.span_id, out);
                          }));
}

Fingerprint Dictionary::SamplePrintWith(const Fingerprint& stack, const IncomingSample& sample,
                                        const Fingerprinter& of) const {
  Fingerprint set;
  for (uint32_t i = 0; i < sample.attributes.count; ++i) {
    const uint32_t index = columns_->attribute_indices[sample.attributes.begin + i];
    set += columns_->attributes.fingerprints[index];
  }
  const Fingerprint* const link = columns_->links.rows[sample.link.value].IsZero()
                                      ? nullptr
                                      : &columns_->links.fingerprints[sample.link.value];
  return SamplePrint(of, stack, set, static_cast<uint64_t>(sample.shape), link);
}

void Dictionary::Attributes(ListSpan incoming, uint32_t* numbers) {
  const uint32_t* const list = columns_->attribute_indices.data() + incoming.begin;
  // Each number goes to its place in the sorted list so far; nearly all lists are a handful long.
  constexpr uint32_t kFewAttributes = 16;
  const bool few = incoming.count <= kFewAttributes;
  for (uint32_t i = 0; i < incoming.count; ++i) {
    const uint32_t number = Attribute({list[i]}).value();
    uint32_t place = i;
    while (few && place > 0 && numbers[place - 1] > number) {
      numbers[place] = numbers[place - 1];
      --place;
    }
    numbers[place] = number;
  }
  if (!few) std::sort(numbers, numbers + incoming.count);
}

}  // namespace flameway
