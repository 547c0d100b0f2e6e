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

void Dictionary::Forget(Translation& to, uint32_t size) {
  to.known.Clear();
  to.known.Resize(size, 0);
}

void Dictionary::Start(const RequestColumns& columns, DictionaryRows& rows) {
  columns_ = &columns;
  rows_ = &rows;
  Forget(strings_, columns.strings.size());
  Forget(functions_, columns.functions.size());
  Forget(mappings_, columns.mappings.size());
  Forget(stacks_, columns.stacks.size());
  Forget(links_, columns.links.size());
  LookUpAll(columns.attributes, attributes_);
  LookUpAll(columns.locations, locations_);
  CollectNewLocations();
  LookUpNewFunctions();
}

void Dictionary::CollectNewLocations() {
  const Buffer<uint32_t>& known = locations_.known;
  new_locations_.Clear();
  uint32_t* const begin = new_locations_.Reserve(known.size() + 1);
  uint32_t* end = begin;
  for (uint32_t i = 0; i < known.size(); ++i) {
    *end = i;
    end += known[i] == 0 ? 1 : 0;  // no branch: nobody can tell which are new
  }
  new_locations_.Extend(static_cast<size_t>(end - begin));
}

// That of the first line; most have no other.
void Dictionary::LookUpNewFunctions() {
  const auto function_of = [this](uint32_t location) -> uint32_t {
    const ListSpan lines = columns_->locations.rows[location].lines;
    return lines.count == 0 ? 0 : columns_->lines[lines.begin].function.value;
  };
  const Fingerprint* const prints = columns_->functions.fingerprints.data();
  const size_t count = new_locations_.size();
  constexpr size_t kAhead = 16;
  for (size_t i = 0; i < count + kAhead; ++i) {
    if (i < count) functions_.table.Prefetch(prints[function_of(new_locations_[i])]);
    if (i < kAhead) continue;
    const uint32_t function = function_of(new_locations_[i - kAhead]);
    uint32_t& known = functions_.known[function];
    if (function == 0 || known != 0) continue;
#ifndef FLAMEWAY_CHECKED  // there each row is made and compared when it is reached
    known = functions_.table.Find(prints[function]);
#endif
    if (known != 0) continue;
    const IncomingFunction& row = columns_->functions.rows[function];
    for (const WireIndex string : {row.name, row.filename})
      strings_.table.Prefetch(columns_->strings.fingerprints[string.value]);
  }
}

// Most locations and attributes of a request are referred to, and their tables are large.
template <typename Row>
void Dictionary::LookUpAll(const Column<Row>& column, Translation& to) {
#ifdef FLAMEWAY_CHECKED
  Forget(to, column.size());  // each row is made and compared when it is reached
#else
  to.table.FindAll(column.fingerprints, to.known);
#endif
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
  return bytes + new_locations_.capacity_bytes();
}

template <typename Row, typename Encode>
uint32_t Dictionary::Translate(const Column<Row>& column, WireIndex index, Translation& to,
                               OutputTable& out, const Encode& encode) {
  // A row's parts lie in other tables, so the number proposed here is still the next one when it is
  // closed.
  const auto [number, added] = to.table.FindOrAdd(column.fingerprints[index.value], out.size());
  to.known[index.value] = number;
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
  if (const uint32_t known = strings_.known[index.value]; known != 0) return StringId(known);
  const auto& column = columns_->strings;
  if (column.rows[index.value].empty()) return {};
  return StringId(Translate(column, index, strings_, rows_->strings,
                            [](std::string_view text, OutputTable& out) { out.Write(text); }));
}

AttributeId Dictionary::Attribute(WireIndex index) {
  if (const uint32_t known = attributes_.known[index.value]; known != 0) return AttributeId(known);
  const auto& column = columns_->attributes;
  if (column.rows[index.value].IsZero()) return {};
  return AttributeId(Translate(column, index, attributes_, rows_->attributes,
                               [this](const IncomingAttribute& attribute, OutputTable& out) {
                                 const StringId key = String(attribute.key);
                                 WriteAttribute(key, attribute.value, String(attribute.unit), out);
                               }));
}

FunctionId Dictionary::Function(WireIndex index) {
  if (const uint32_t known = functions_.known[index.value]; known != 0) return FunctionId(known);
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
  if (const uint32_t known = mappings_.known[index.value]; known != 0) return MappingId(known);
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
  if (const uint32_t known = locations_.known[index.value]; known != 0) return LocationId(known);
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
  if (const uint32_t known = stacks_.known[index.value]; known != 0) return StackId(known);
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
    end += number == 0 ? 1 : 0;  // no branch: nobody can tell which are new
  }
  if (end == begin) return;
  const Fingerprint* const prints = columns_->locations.fingerprints.data();
  for (const uint32_t* i = begin; i != end; ++i) locations_.table.Prefetch(prints[frames[*i]]);
  for (const uint32_t* i = begin; i != end; ++i) numbers[*i] = Location({frames[*i]}).value();
}

LinkId Dictionary::Link(WireIndex index) {
  if (const uint32_t known = links_.known[index.value]; known != 0) return LinkId(known);
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
