// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/transformed_dictionary.h"

#include <algorithm>
#include <span>

#include "processor/batch/incoming_rows.h"
#include "processor/batch/row_encoders.h"

namespace flameway {
namespace {

void Forget(Buffer<uint32_t>& known, uint32_t size) {
  known.Clear();
  known.Resize(size, 0);
}

std::string_view BytesOf(std::span<const uint32_t> numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

}  // namespace

void TransformedDictionary::Start(const RequestColumns& columns, const Fingerprinter& fingerprinter,
                                  DictionaryRows& rows) {
  columns_ = &columns;
  fingerprinter_ = &fingerprinter;
  rows_ = &rows;
  Forget(known_attributes_, columns.attributes.size());
  Forget(known_mappings_, columns.mappings.size());
  Forget(known_locations_, columns.locations.size());
}

void TransformedDictionary::Clear() {
  for (Table* table : {&strings_, &attributes_, &links_}) table->Clear();
  for (Maps* maps : {&functions_, &mappings_, &locations_, &stacks_}) {
    maps->incoming.Clear();
    maps->leaving.Clear();
  }
  location_entries_.clear();
  identities_.Clear();
  identity_count_ = 0;
}

size_t TransformedDictionary::memory_bytes() const {
  size_t bytes = 0;
  for (const Table* table : {&strings_, &attributes_, &links_}) bytes += table->memory_bytes();
  for (const Maps* maps : {&functions_, &mappings_, &locations_, &stacks_}) {
    bytes += maps->incoming.memory_bytes() + maps->leaving.memory_bytes();
  }
  return bytes + location_entries_.capacity() * sizeof(LocationEntry) +
         known_attributes_.capacity_bytes() + known_mappings_.capacity_bytes() +
         known_locations_.capacity_bytes();
}

uint32_t TransformedDictionary::Leave(OutputTable& out, Table& leaving) {
  const std::string_view content = out.open_content();
  const std::span<const uint32_t> list = out.open_list();
  if (content.empty() && list.empty()) return 0;
  const Fingerprint c = fingerprinter_->Bytes(content);
  const Fingerprint l = fingerprinter_->Bytes(BytesOf(list));
  const auto [number, added] = leaving.FindOrAdd(fingerprinter_->Join(c, l), out.size());
  if (added) {
    out.Close();
  } else {
    out.Drop();
  }
  return number;
}

StringId TransformedDictionary::Text(std::string_view text) {
  if (text.empty()) return {};
  OutputTable& out = rows_->strings;
  const auto [number, added] = strings_.FindOrAdd(fingerprinter_->Bytes(text), out.size());
  if (added) {
    out.Write(text);
    out.Close();
  }
  return StringId(number);
}

AttributeId TransformedDictionary::Value(const Attribute& attribute) {
  OutputTable& out = rows_->attributes;
  const auto [number, added] =
      attributes_.FindOrAdd(PrintOf(attribute, *fingerprinter_), out.size());
  if (added) {
    const StringId key = Text(attribute.key);
    WriteAttribute(key, attribute.value, Text(attribute.unit), out);
    out.Close();
  }
  return AttributeId(number);
}

void TransformedDictionary::Values(const AttributeList& attributes, Buffer<uint32_t>& numbers) {
  const size_t begin = numbers.size();
  for (const Attribute& attribute : attributes) numbers.Append(Value(attribute).value());
  std::sort(numbers.begin() + begin, numbers.end());
}

AttributeId TransformedDictionary::KnownAttribute(uint32_t index) {
  uint32_t& known = known_attributes_[index];
  if (known != 0) return AttributeId(known);
  // The fingerprint a row came with is the one Value makes.
  OutputTable& out = rows_->attributes;
  const auto [number, added] =
      attributes_.FindOrAdd(columns_->attributes.fingerprints[index], out.size());
  known = number;
  if (added) {
    const IncomingAttribute& row = columns_->attributes.rows[index];
    const StringId key = Text(columns_->strings.rows[row.key.value]);
    WriteAttribute(key, row.value, Text(columns_->strings.rows[row.unit.value]), out);
    out.Close();
  }
  return AttributeId(number);
}

void TransformedDictionary::Numbers(ListSpan incoming, uint32_t* numbers) {
  for (uint32_t i = 0; i < incoming.count; ++i) {
    numbers[i] = KnownAttribute(columns_->attribute_indices[incoming.begin + i]).value();
  }
  std::sort(numbers, numbers + incoming.count);
}

Fingerprint TransformedDictionary::SetPrint(ListSpan incoming) const {
  Fingerprint set;
  for (uint32_t i = 0; i < incoming.count; ++i) {
    set += columns_->attributes.fingerprints[columns_->attribute_indices[incoming.begin + i]];
  }
  return set;
}

MappingId TransformedDictionary::Mapping(WireIndex index) {
  uint32_t& known = known_mappings_[index.value];
  if (known != 0) return MappingId(known);
  const IncomingMapping& mapping = columns_->mappings.rows[index.value];
  if (mapping.IsZero()) return {};
  OutputTable& out = rows_->mappings;
  const Fingerprint& print = columns_->mappings.fingerprints[index.value];
  const auto found = mappings_.incoming.FindOrAdd(print, 0);
  known = found.number;
  if (!found.added) return MappingId(known);
  WriteMapping(mapping.memory_start, mapping.memory_limit, mapping.file_offset,
               Text(columns_->strings.rows[mapping.filename.value]), out);
  Numbers(mapping.attributes, out.OpenList(mapping.attributes.count));
  known = Leave(out, mappings_.leaving);
  mappings_.incoming.Replace(print, known);
  return MappingId(known);
}

MappingId TransformedDictionary::Mapping(const MappingRow& row) {
  OutputTable& out = rows_->mappings;
  WriteMapping(row.memory_start, row.memory_limit, row.file_offset, Text(row.filename), out);
  Buffer<uint32_t> numbers;
  Values(row.attributes, numbers);
  std::ranges::copy(numbers, out.OpenList(numbers.size()));
  return MappingId(Leave(out, mappings_.leaving));
}

FunctionId TransformedDictionary::Function(const FunctionRow& row) {
  OutputTable& out = rows_->functions;
  const StringId name = Text(row.name);
  const StringId system_name = Text(row.system_name);
  WriteFunction(name, system_name, Text(row.filename), row.start_line, out);
  return FunctionId(Leave(out, functions_.leaving));
}

FunctionId TransformedDictionary::Function(WireIndex index) {
  const IncomingFunction& function = columns_->functions.rows[index.value];
  if (function.IsZero()) return {};
  const Fingerprint& print = columns_->functions.fingerprints[index.value];
  const auto found = functions_.incoming.FindOrAdd(print, 0);
  if (!found.added) return FunctionId(found.number);
  const FunctionId number = Function(RowOf(*columns_, function));
  functions_.incoming.Replace(print, number.value());
  return number;
}

// Of a chain that looks at nothing of a location.
uint32_t TransformedDictionary::PlainLocation(const IncomingLocation& location) {
  OutputTable& out = rows_->locations;
  WriteLocation(Mapping(location.mapping), location.address, out);
  for (uint32_t i = 0; i < location.lines.count; ++i) {
    const IncomingLine& line = columns_->lines[location.lines.begin + i];
    WriteLine(Function(line.function), line.line, line.column, out);
  }
  Numbers(location.attributes, out.OpenList(location.attributes.count));
  return Leave(out, locations_.leaving);
}

// A row as transforms left it.
uint32_t TransformedDictionary::SeenLocation(const LocationRow& row) {
  OutputTable& out = rows_->locations;
  const MappingId mapping = row.mapping.has_value() ? Mapping(*row.mapping) : MappingId();
  WriteLocation(mapping, row.address, out);
  for (const LineRow& line : row.lines) {
    WriteLine(Function(line.function), line.line, line.column, out);
  }
  Buffer<uint32_t> numbers;
  Values(row.attributes, numbers);
  std::ranges::copy(numbers, out.OpenList(numbers.size()));
  return Leave(out, locations_.leaving);
}

uint32_t TransformedDictionary::IdentityOf(const LocationRow& row) {
  std::vector<uint64_t> words{row.address, row.lines.size(), row.attributes.size()};
  const auto add = [&](std::string_view text) {
    const Fingerprint print = fingerprinter_->Bytes(text);
    words.insert(words.end(), {print.low, print.high});
  };
  const auto add_attributes = [&](const AttributeList& attributes) {
    Fingerprint set;
    for (const Attribute& attribute : attributes) set += PrintOf(attribute, *fingerprinter_);
    words.insert(words.end(), {set.low, set.high});
  };
  for (const LineRow& line : row.lines) {
    add(line.function.name);
    add(line.function.system_name);
    add(line.function.filename);
    words.insert(words.end(),
                 {static_cast<uint64_t>(line.function.start_line), static_cast<uint64_t>(line.line),
                  static_cast<uint64_t>(line.column)});
  }
  add_attributes(row.attributes);
  if (row.mapping.has_value()) {
    words.insert(words.end(),
                 {row.mapping->memory_start, row.mapping->memory_limit, row.mapping->file_offset});
    add(row.mapping->filename);
    add_attributes(row.mapping->attributes);
  }
  const auto found = identities_.FindOrAdd(fingerprinter_->Words(std::span<const uint64_t>(words)),
                                           identity_count_ + 1);
  if (found.added) ++identity_count_;
  return found.number;
}

TransformedDictionary::LocationEntry& TransformedDictionary::Location(WireIndex index) {
  uint32_t& known = known_locations_[index.value];
  if (known != 0) return location_entries_[known - 1];
  const auto found = locations_.incoming.FindOrAdd(columns_->locations.fingerprints[index.value],
                                                   static_cast<uint32_t>(location_entries_.size()));
  known = found.number + 1;
  if (!found.added) return location_entries_[found.number];
  const IncomingLocation& location = columns_->locations.rows[index.value];
  LocationEntry entry;
  if (!location.IsZero()) {
    const TransformHooks& hooks = chain_.hooks();
    if (hooks.functions || hooks.mappings || hooks.locations || hooks.stacks != StackHook::kNone) {
      LocationRow row = RowOf(*columns_, location);
      chain_.RunLocation(row, entry.marks);
      if (chain_.hooks().stacks != StackHook::kNone) {
        entry.identity = IdentityOf(row);
        entry.waiting = std::make_unique<LocationRow>(std::move(row));
      } else {
        entry.number = SeenLocation(row);
      }
    } else {
      entry.number = PlainLocation(location);
    }
  }
  return location_entries_.emplace_back(std::move(entry));
}

uint32_t TransformedDictionary::TruncatedFrame() {
  OutputTable& out = rows_->locations;
  const FunctionId function = Function(FunctionRow{.name = std::string(kTruncatedFrameName)});
  WriteLine(function, 0, 0, out);
  return Leave(out, locations_.leaving);
}

void TransformedDictionary::SelectFrames(std::span<const uint32_t> frames) {
  stack_entries_.clear();
  stack_marks_.clear();
  stack_identities_.clear();
  for (const uint32_t frame : frames) {
    const LocationEntry& entry = Location({frame});
    stack_entries_.push_back(known_locations_[frame] - 1);
    stack_marks_.push_back(entry.marks);
    stack_identities_.push_back(entry.identity);
  }
  if (chain_.RunStack(stack_marks_, stack_identities_, kept_)) {
    stack_numbers_.push_back(TruncatedFrame());
  }
  for (const uint32_t i : kept_) {
    LocationEntry& entry = location_entries_[stack_entries_[i]];
    if (entry.waiting != nullptr) {
      entry.number = SeenLocation(*entry.waiting);
      entry.waiting.reset();
    }
    stack_numbers_.push_back(entry.number);
  }
}

StackId TransformedDictionary::Stack(WireIndex index) {
  const IncomingStack& stack = columns_->stacks.rows[index.value];
  if (stack.IsZero()) return {};
  const Fingerprint& print = columns_->stacks.fingerprints[index.value];
  const auto found = stacks_.incoming.FindOrAdd(print, 0);
  if (!found.added) return StackId(found.number);
  const std::span frames(columns_->stack_locations.data() + stack.locations.begin,
                         stack.locations.count);
  stack_numbers_.clear();
  if (chain_.hooks().stacks != StackHook::kNone) {
    SelectFrames(frames);
  } else {
    for (const uint32_t frame : frames) stack_numbers_.push_back(Location({frame}).number);
  }
  OutputTable& out = rows_->stacks;
  std::ranges::copy(stack_numbers_, out.OpenList(stack_numbers_.size()));
  const uint32_t number = Leave(out, stacks_.leaving);
  stacks_.incoming.Replace(print, number);
  return StackId(number);
}

LinkId TransformedDictionary::Link(WireIndex index) {
  const IncomingLink& link = columns_->links.rows[index.value];
  if (link.IsZero()) return {};
  OutputTable& out = rows_->links;
  const auto [number, added] =
      links_.FindOrAdd(columns_->links.fingerprints[index.value], out.size());
  if (added) {
    WriteLink(link.trace_id, link.span_id, out);
    out.Close();
  }
  return LinkId(number);
}

}  // namespace flameway
