// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/dictionary.h"

#include <algorithm>
#include <cstdlib>

#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::Writer;

// Strict decoders want ids of full length even in the row that means "no link".
std::string ZeroLink() {
  std::string row;
  Writer writer(&row);
  writer.BytesField(otlp::Link::trace_id, std::string(16, '\0'));
  writer.BytesField(otlp::Link::span_id, std::string(8, '\0'));
  return row;
}

void AppendLine(uint32_t function, const IncomingLine& line, std::string& content) {
  wire::SmallMessage<3> message;
  message.VarintFieldUnlessZero(otlp::Line::function_index, function);
  message.VarintFieldUnlessZero(otlp::Line::line, static_cast<uint64_t>(line.line));
  message.VarintFieldUnlessZero(otlp::Line::column, static_cast<uint64_t>(line.column));
  Writer(&content).BytesField(otlp::Location::lines, message.bytes());
}

}  // namespace

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
    table->Append(table == &links ? ZeroLink() : std::string(), {});
  }
  attribute_uses.clear();
  location_uses.clear();
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
         links.memory_bytes() +
         (attribute_uses.capacity() + location_uses.capacity()) * sizeof(uint32_t);
}

void CountUses(std::span<const uint32_t> numbers, std::vector<uint32_t>& uses) {
  uint32_t* counts = uses.data();
  size_t size = uses.size();
  for (const uint32_t number : numbers) {
    if (number >= size) [[unlikely]] {
      uses.resize(size_t{2} * number + 64);
      counts = uses.data();
      size = uses.size();
    }
    ++counts[number];
  }
}

Dictionary::Dictionary() {
#ifdef FLAMEWAY_CHECKED
  on_collision_ = [](const char*) { std::abort(); };
#endif
}

void Dictionary::Start(const RequestColumns& columns, DictionaryRows& rows) {
  columns_ = &columns;
  rows_ = &rows;
  strings_.known.assign(columns.strings.size(), 0);
  functions_.known.assign(columns.functions.size(), 0);
  mappings_.known.assign(columns.mappings.size(), 0);
  stacks_.known.assign(columns.stacks.size(), 0);
  links_.known.assign(columns.links.size(), 0);
  LookUpAll(columns.attributes, attributes_);
  LookUpAll(columns.locations, locations_);
}

// Most locations and attributes of a request are referred to, and their tables are large: looked up
// in a row, with the next probes under way, they cost a fraction of what they cost one by one (a
// sixth off merging the fleet).
template <typename Row>
void Dictionary::LookUpAll(const Column<Row>& column, Translation& to) {
#ifdef FLAMEWAY_CHECKED
  to.known.assign(column.size(), 0);  // each row is made and compared when it is reached
#else
  constexpr size_t kAhead = 12;
  const std::vector<Fingerprint>& prints = column.fingerprints;
  to.known.resize(prints.size());
  for (size_t i = 0; i < std::min(kAhead, prints.size()); ++i) to.table.Prefetch(prints[i]);
  for (size_t i = 0; i < prints.size(); ++i) {
    if (i + kAhead < prints.size()) to.table.Prefetch(prints[i + kAhead]);
    to.known[i] = to.table.Find(prints[i]);
  }
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
    bytes += to->table.memory_bytes() + to->known.capacity() * sizeof(uint32_t);
  }
  return bytes;
}

template <typename Row, typename Encode>
uint32_t Dictionary::Translate(const Column<Row>& column, WireIndex index, Translation& to,
                               OutputTable& out, std::vector<uint32_t>* uses,
                               const Encode& encode) {
  // A row's parts lie in other tables, so the number proposed here is still the next one when it is
  // appended.
  const auto [number, added] = to.table.FindOrAdd(column.fingerprints[index.value], out.size());
  to.known[index.value] = number;
#ifndef FLAMEWAY_CHECKED
  if (!added) return number;
#endif
  to.content.clear();
  to.list.clear();
  encode(column.rows[index.value], to);
  if (added) {
    out.Append(to.content, to.list);
    if (uses != nullptr) CountUses(to.list, *uses);
  }
#ifdef FLAMEWAY_CHECKED
  if (out.content(number) != to.content || !std::ranges::equal(out.list(number), to.list))
    on_collision_(to.name);
#endif
  return number;
}

StringId Dictionary::String(WireIndex index) {
  if (const uint32_t known = strings_.known[index.value]; known != 0) return StringId(known);
  const auto& column = columns_->strings;
  if (column.rows[index.value].empty()) return {};
  return StringId(Translate(column, index, strings_, rows_->strings, nullptr,
                            [](std::string_view text, Translation& to) { to.content = text; }));
}

AttributeId Dictionary::Attribute(WireIndex index) {
  if (const uint32_t known = attributes_.known[index.value]; known != 0) return AttributeId(known);
  const auto& column = columns_->attributes;
  if (column.rows[index.value].IsZero()) return {};
  return AttributeId(Translate(column, index, attributes_, rows_->attributes, nullptr,
                               [this](const IncomingAttribute& attribute, Translation& to) {
                                 Writer writer(&to.content);
                                 writer.VarintFieldUnlessZero(otlp::KeyValueAndUnit::key_strindex,
                                                              String(attribute.key).value());
                                 writer.BytesField(otlp::KeyValueAndUnit::value, attribute.value);
                                 writer.VarintFieldUnlessZero(otlp::KeyValueAndUnit::unit_strindex,
                                                              String(attribute.unit).value());
                               }));
}

FunctionId Dictionary::Function(WireIndex index) {
  if (const uint32_t known = functions_.known[index.value]; known != 0) return FunctionId(known);
  const auto& column = columns_->functions;
  if (column.rows[index.value].IsZero()) return {};
  return FunctionId(Translate(
      column, index, functions_, rows_->functions, nullptr,
      [this](const IncomingFunction& function, Translation& to) {
        wire::SmallMessage<4> message;
        message.VarintFieldUnlessZero(otlp::Function::name_strindex, String(function.name).value());
        message.VarintFieldUnlessZero(otlp::Function::system_name_strindex,
                                      String(function.system_name).value());
        message.VarintFieldUnlessZero(otlp::Function::filename_strindex,
                                      String(function.filename).value());
        message.VarintFieldUnlessZero(otlp::Function::start_line,
                                      static_cast<uint64_t>(function.start_line));
        to.content = message.bytes();
      }));
}

MappingId Dictionary::Mapping(WireIndex index) {
  if (const uint32_t known = mappings_.known[index.value]; known != 0) return MappingId(known);
  const auto& column = columns_->mappings;
  if (column.rows[index.value].IsZero()) return {};
  return MappingId(
      Translate(column, index, mappings_, rows_->mappings, &rows_->attribute_uses,
                [this](const IncomingMapping& mapping, Translation& to) {
                  Writer writer(&to.content);
                  writer.VarintFieldUnlessZero(otlp::Mapping::memory_start, mapping.memory_start);
                  writer.VarintFieldUnlessZero(otlp::Mapping::memory_limit, mapping.memory_limit);
                  writer.VarintFieldUnlessZero(otlp::Mapping::file_offset, mapping.file_offset);
                  writer.VarintFieldUnlessZero(otlp::Mapping::filename_strindex,
                                               String(mapping.filename).value());
                  Attributes(mapping.attributes, to.list);
                }));
}

LocationId Dictionary::Location(WireIndex index) {
  if (const uint32_t known = locations_.known[index.value]; known != 0) return LocationId(known);
  const auto& column = columns_->locations;
  if (column.rows[index.value].IsZero()) return {};
  return LocationId(
      Translate(column, index, locations_, rows_->locations, &rows_->attribute_uses,
                [this](const IncomingLocation& location, Translation& to) {
                  wire::SmallMessage<2> head;
                  head.VarintFieldUnlessZero(otlp::Location::mapping_index,
                                             Mapping(location.mapping).value());
                  head.VarintFieldUnlessZero(otlp::Location::address, location.address);
                  to.content = head.bytes();
                  for (uint32_t i = 0; i < location.lines.count; ++i) {
                    const IncomingLine& line = columns_->lines[location.lines.begin + i];
                    AppendLine(Function(line.function).value(), line, to.content);
                  }
                  Attributes(location.attributes, to.list);
                }));
}

StackId Dictionary::Stack(WireIndex index) {
  if (const uint32_t known = stacks_.known[index.value]; known != 0) return StackId(known);
  const auto& column = columns_->stacks;
  if (column.rows[index.value].IsZero()) return {};
  return StackId(Translate(column, index, stacks_, rows_->stacks, &rows_->location_uses,
                           [this](const IncomingStack& stack, Translation& to) {
                             const auto frames =
                                 std::span(columns_->stack_locations)
                                     .subspan(stack.locations.begin, stack.locations.count);
                             const std::vector<uint32_t>& known = locations_.known;
                             to.list.resize(frames.size());
                             for (size_t i = 0; i < frames.size(); ++i) {
                               const uint32_t number = known[frames[i]];
                               to.list[i] = number != 0 ? number : Location({frames[i]}).value();
                             }
                           }));
}

LinkId Dictionary::Link(WireIndex index) {
  if (const uint32_t known = links_.known[index.value]; known != 0) return LinkId(known);
  const auto& column = columns_->links;
  if (column.rows[index.value].IsZero()) return {};
  return LinkId(Translate(column, index, links_, rows_->links, nullptr,
                          [](const IncomingLink& link, Translation& to) {
                            Writer writer(&to.content);
                            writer.BytesField(otlp::Link::trace_id, link.trace_id);
                            writer.BytesField(otlp::Link::span_id, link.span_id);
                          }));
}

void Dictionary::Attributes(ListSpan incoming, std::vector<uint32_t>& numbers) {
  const uint32_t* const list = columns_->attribute_indices.data() + incoming.begin;
  numbers.resize(incoming.count);
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
  if (!few) std::sort(numbers.begin(), numbers.end());
}

}  // namespace flameway
