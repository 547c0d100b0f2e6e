// SPDX-License-Identifier: Apache-2.0
#include "processor/request/dictionary.h"

#include <algorithm>
#include <span>

#include "processor/request/any_value.h"
#include "proto/otlp/fields.h"

namespace flameway {
namespace {

using Rows = std::vector<std::string_view>;

// Tags of one byte, for the straight ways.
constexpr unsigned char OneByteTag(uint32_t field, wire::WireType type) {
  return static_cast<unsigned char>(field << 3 | static_cast<uint32_t>(type));
}
constexpr auto kMappingIndex = OneByteTag(otlp::Location::mapping_index, wire::WireType::kVarint);
constexpr auto kAddress = OneByteTag(otlp::Location::address, wire::WireType::kVarint);
constexpr auto kLines = OneByteTag(otlp::Location::lines, wire::WireType::kBytes);
constexpr auto kPackedAttributes =
    OneByteTag(otlp::Location::attribute_indices, wire::WireType::kBytes);
constexpr auto kPackedFrames = OneByteTag(otlp::Stack::location_indices, wire::WireType::kBytes);

uint64_t Word(int64_t value) { return static_cast<uint64_t>(value); }

// Row 0 means "not set" wherever it is referred to; a sender that put something real there is
// misread by everyone.
template <typename Row>
Reason ReasonOfRow0(const Row& row, const Column<Row>& column, Reason reason) {
  return column.size() == 0 && reason == Reason::kNone && !row.IsZero() ? Reason::kRow0NotZero
                                                                        : reason;
}

bool DecodeStrings(Decoder& decoder, const Rows& rows) {
  Column<std::string_view>& column = decoder.columns.strings;
  column.Reserve(rows.size() + 1);
  if (rows.empty()) column.Add({}, decoder.fingerprinter.Bytes({}), Reason::kNone);
  for (const std::string_view row : rows) {
    std::string_view text = row;
    Reason reason = Reason::kNone;
    if (!decoder.CheckText(text, reason)) return false;
    column.Add(text, decoder.fingerprinter.Bytes(text), reason);
  }
  if (!column.rows[0].empty()) return decoder.Fail(Reason::kRow0NotZero, rows[0].data());
  return true;
}

bool DecodeAttribute(Decoder& decoder, std::string_view row) {
  Column<IncomingAttribute>& column = decoder.columns.attributes;
  const Column<std::string_view>& strings = decoder.columns.strings;
  int32_t key = 0;
  int32_t unit = 0;
  std::string_view value;
  int value_count = 0;
  wire::Reader fields(row);
  while (fields.Next()) {
    switch (fields.field()) {
      case otlp::KeyValueAndUnit::key_strindex:
        // Up to OTLP 1.7 a row was a KeyValue with its key as text.
        if (fields.type() == wire::WireType::kBytes)
          return decoder.Fail(Reason::kSchemaTooOld, fields.position());
        if (!decoder.TakeInt32(fields, key)) return false;
        break;
      case otlp::KeyValueAndUnit::value:
        if (!decoder.TakeBytes(fields, value)) return false;
        ++value_count;
        break;
      case otlp::KeyValueAndUnit::unit_strindex:
        if (!decoder.TakeInt32(fields, unit)) return false;
        break;
      default:
        decoder.CountUnknownField();
    }
  }
  if (!decoder.Finish(fields)) return false;
  if (value_count > 1 && !decoder.JoinOccurrences(row, otlp::KeyValueAndUnit::value, value))
    return false;
  Reason reason = Reason::kNone;
  IncomingAttribute attribute{.key = decoder.ReferString(key, reason),
                              .unit = decoder.ReferString(unit, reason),
                              .value = {}};
  if (!DecodeAnyValue(decoder, value, attribute.value, reason)) return false;
  const Fingerprint& key_print = strings.fingerprints[attribute.key.value];
  const Fingerprint& unit_print = strings.fingerprints[attribute.unit.value];
  const Fingerprint value_print = decoder.fingerprinter.Bytes(attribute.value);
  const uint64_t words[] = {key_print.low,   key_print.high,  unit_print.low,
                            unit_print.high, value_print.low, value_print.high};
  column.Add(attribute, decoder.fingerprinter.Words(words),
             ReasonOfRow0(attribute, column, reason));
  return true;
}

// A function's fields by number, walked with care: wire types and ranges checked, unknown fields
// counted.
bool WalkFunction(Decoder& decoder, std::string_view row, uint64_t (&values)[5]) {
  wire::Reader fields(row);
  while (fields.Next()) {
    bool ok = true;
    int32_t index = 0;
    switch (fields.field()) {
      case otlp::Function::name_strindex:
      case otlp::Function::system_name_strindex:
      case otlp::Function::filename_strindex:
        ok = decoder.TakeInt32(fields, index);
        values[fields.field()] = Word(index);
        break;
      case otlp::Function::start_line:
        ok = decoder.TakeUint64(fields, values[otlp::Function::start_line]);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  return decoder.Finish(fields);
}

bool DecodeFunction(Decoder& decoder, std::string_view row) {
  Column<IncomingFunction>& column = decoder.columns.functions;
  const Column<std::string_view>& strings = decoder.columns.strings;
  uint64_t values[5] = {};
  if (!wire::ReadVarintFields<4>(row, values) ||
      std::max({values[1], values[2], values[3]}) > INT32_MAX) [[unlikely]] {
    std::fill(std::begin(values), std::end(values), 0);
    if (!WalkFunction(decoder, row, values)) return false;
  }
  Reason reason = Reason::kNone;
  const auto string = [&](uint32_t field) {
    return decoder.ReferString(static_cast<int32_t>(values[field]), reason);
  };
  const IncomingFunction function{
      .name = string(otlp::Function::name_strindex),
      .system_name = string(otlp::Function::system_name_strindex),
      .filename = string(otlp::Function::filename_strindex),
      .start_line = static_cast<int64_t>(values[otlp::Function::start_line])};
  const Fingerprint& n = strings.fingerprints[function.name.value];
  const Fingerprint& s = strings.fingerprints[function.system_name.value];
  const Fingerprint& f = strings.fingerprints[function.filename.value];
  const uint64_t words[] = {n.low, n.high, s.low, s.high, f.low, f.high, Word(function.start_line)};
  column.Add(function, decoder.fingerprinter.Words(words), ReasonOfRow0(function, column, reason));
  return true;
}

bool DecodeMapping(Decoder& decoder, std::string_view row) {
  Column<IncomingMapping>& column = decoder.columns.mappings;
  const Column<std::string_view>& strings = decoder.columns.strings;
  int32_t filename = 0;
  IncomingMapping mapping;
  wire::Reader fields(row);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field()) {
      case otlp::Mapping::memory_start:
        ok = decoder.TakeUint64(fields, mapping.memory_start);
        break;
      case otlp::Mapping::memory_limit:
        ok = decoder.TakeUint64(fields, mapping.memory_limit);
        break;
      case otlp::Mapping::file_offset:
        ok = decoder.TakeUint64(fields, mapping.file_offset);
        break;
      case otlp::Mapping::filename_strindex:
        ok = decoder.TakeInt32(fields, filename);
        break;
      case otlp::Mapping::attribute_indices:
        ok = decoder.TakeIndices(fields);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder.Finish(fields)) return false;
  Reason reason = Reason::kNone;
  Fingerprint set;
  mapping.filename = decoder.ReferString(filename, reason);
  mapping.attributes = decoder.FinishAttributes(reason, set);
  const Fingerprint& f = strings.fingerprints[mapping.filename.value];
  const uint64_t words[] = {mapping.memory_start,
                            mapping.memory_limit,
                            mapping.file_offset,
                            f.low,
                            f.high,
                            set.low,
                            set.high,
                            mapping.attributes.count};
  column.Add(mapping, decoder.fingerprinter.Words(words), ReasonOfRow0(mapping, column, reason));
  return true;
}

bool WalkLine(Decoder& decoder, std::string_view message, uint64_t (&values)[4]) {
  wire::Reader fields(message);
  while (fields.Next()) {
    bool ok = true;
    int32_t index = 0;
    switch (fields.field()) {
      case otlp::Line::function_index:
        ok = decoder.TakeInt32(fields, index);
        values[otlp::Line::function_index] = Word(index);
        break;
      case otlp::Line::line:
      case otlp::Line::column:
        ok = decoder.TakeUint64(fields, values[fields.field()]);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  return decoder.Finish(fields);
}

inline void AddLine(Decoder& decoder, const uint64_t (&values)[4], Reason& reason) {
  const auto function = static_cast<int32_t>(values[otlp::Line::function_index]);
  decoder.columns.lines.push_back(
      {.function = decoder.Refer(decoder.columns.functions, function, reason),
       .line = static_cast<int64_t>(values[otlp::Line::line]),
       .column = static_cast<int64_t>(values[otlp::Line::column])});
}

bool DecodeLine(Decoder& decoder, std::string_view message, Reason& reason) {
  uint64_t values[4] = {};
  if (!WalkLine(decoder, message, values)) return false;
  AddLine(decoder, values, reason);
  return true;
}

// What one location leaves for the next: scratch, and its attribute list, because nearly all
// locations of one kind of frame carry the very same one.
struct LocationMemory {
  std::vector<uint64_t> words;
  std::string_view list;  // packed; empty: nothing remembered
  ListSpan attributes;
  Fingerprint set;
};

// What a location says before its parts are looked up.
struct LocationFields {
  int32_t mapping = 0;
  uint64_t address = 0;
  std::string_view list;  // of attributes: its only, packed part
  int list_parts = 0;
};

// The straight way through a location: tags of one byte, lines, at most one packed attribute list,
// left for the caller. False when there is anything else; lines may have been added then.
bool ReadLocation(Decoder& decoder, std::string_view row, LocationFields& location,
                  Reason& reason) {
  const char* p = row.data();
  const char* const end = p + row.size();
  while (p < end) {
    const auto tag = static_cast<unsigned char>(*p++);
    uint64_t value;
    if (wire::ReadVarint(p, end, value) != wire::VarintStatus::kOk) return false;
    if (tag == kMappingIndex && value <= INT32_MAX) {
      location.mapping = static_cast<int32_t>(value);
    } else if (tag == kAddress) {
      location.address = value;
    } else if ((tag == kLines || tag == kPackedAttributes) &&
               value <= static_cast<uint64_t>(end - p)) {
      const std::string_view part(p, static_cast<size_t>(value));
      p += value;
      if (tag == kLines) {
        if (decoder.columns.lines.size() >= decoder.limits.max_elements) return false;
        uint64_t values[4] = {};
        if (!wire::ReadVarintFields<3>(part, values) ||
            values[otlp::Line::function_index] > INT32_MAX)
          return false;
        AddLine(decoder, values, reason);
      } else {
        if (++location.list_parts > 1) return false;
        location.list = part;
      }
    } else {
      return false;
    }
  }
  return true;
}

// The same with care, attributes into decoder.index_list.
bool WalkLocation(Decoder& decoder, std::string_view row, LocationFields& location,
                  Reason& reason) {
  wire::Reader fields(row);
  while (fields.Next()) {
    bool ok = true;
    std::string_view line;
    switch (fields.field()) {
      case otlp::Location::mapping_index:
        ok = decoder.TakeInt32(fields, location.mapping);
        break;
      case otlp::Location::address:
        ok = decoder.TakeUint64(fields, location.address);
        break;
      case otlp::Location::lines:
        ok = decoder.TakeBytes(fields, line) &&
             (decoder.columns.lines.size() < decoder.limits.max_elements ||
              decoder.Fail(Reason::kTooManyElements, line.data())) &&
             DecodeLine(decoder, line, reason);
        break;
      case otlp::Location::attribute_indices:
        ok = decoder.TakeIndices(fields);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  return decoder.Finish(fields);
}

// The attributes of a location read straight: the remembered list, or this one, which is remembered
// then.
bool TakeLocationAttributes(Decoder& decoder, std::string_view list, LocationMemory& memory,
                            Reason& reason) {
  if (list == memory.list && !list.empty()) return true;
  if (!list.empty() && !decoder.TakePackedIndices(list)) return false;
  const Reason before = reason;
  memory.attributes = decoder.FinishAttributes(reason, memory.set);
  memory.list = reason == before ? list : std::string_view();
  return true;
}

Fingerprint LocationPrint(const Decoder& decoder, const IncomingLocation& location,
                          const Fingerprint& set, LocationMemory& memory) {
  const RequestColumns& columns = decoder.columns;
  const Fingerprint& m = columns.mappings.fingerprints[location.mapping.value];
  const IncomingLine* const lines = columns.lines.data() + location.lines.begin;
  const auto print = [&columns](const IncomingLine& line) -> const Fingerprint& {
    return columns.functions.fingerprints[line.function.value];
  };
  if (location.lines.count == 1) {  // as nearly all that have a name
    const Fingerprint& f = print(lines[0]);
    const uint64_t words[] = {m.low,
                              m.high,
                              location.address,
                              set.low,
                              set.high,
                              location.attributes.count,
                              f.low,
                              f.high,
                              Word(lines[0].line),
                              Word(lines[0].column)};
    return decoder.fingerprinter.Words(words);
  }
  memory.words.assign(
      {m.low, m.high, location.address, set.low, set.high, location.attributes.count});
  for (uint32_t i = 0; i < location.lines.count; ++i) {
    const Fingerprint& f = print(lines[i]);
    memory.words.insert(memory.words.end(),
                        {f.low, f.high, Word(lines[i].line), Word(lines[i].column)});
  }
  return decoder.fingerprinter.Words(std::span<const uint64_t>(memory.words));
}

bool DecodeLocation(Decoder& decoder, std::string_view row, LocationMemory& memory) {
  RequestColumns& columns = decoder.columns;
  const auto first_line = static_cast<uint32_t>(columns.lines.size());
  LocationFields read;
  Reason reason = Reason::kNone;
  ListSpan attributes;
  Fingerprint set;
  if (ReadLocation(decoder, row, read, reason)) [[likely]] {
    if (!TakeLocationAttributes(decoder, read.list, memory, reason)) return false;
    attributes = memory.attributes;
    set = memory.set;
  } else {
    columns.lines.resize(first_line);
    read = {};
    reason = Reason::kNone;
    if (!WalkLocation(decoder, row, read, reason)) return false;
    attributes = decoder.FinishAttributes(reason, set);
  }
  const auto line_count = static_cast<uint32_t>(columns.lines.size()) - first_line;
  if (!decoder.CountElements(line_count, row.data())) return false;
  const IncomingLocation location{.mapping = decoder.Refer(columns.mappings, read.mapping, reason),
                                  .address = read.address,
                                  .lines = {.begin = first_line, .count = line_count},
                                  .attributes = attributes};
  columns.locations.Add(location, LocationPrint(decoder, location, set, memory),
                        ReasonOfRow0(location, columns.locations, reason));
  return true;
}

// The straight way: one packed list of locations that are all there and good. False for anything
// else.
bool DecodeStackFast(Decoder& decoder, std::string_view row, std::vector<Fingerprint>& frames) {
  RequestColumns& columns = decoder.columns;
  const char* p = row.data();
  const char* const end = p + row.size();
  uint64_t size;
  if (row.empty() || static_cast<unsigned char>(*p++) != kPackedFrames ||
      wire::ReadVarint(p, end, size) != wire::VarintStatus::kOk ||
      size != static_cast<uint64_t>(end - p) || size > decoder.limits.max_stack_depth ||
      !columns.locations.all_good) {
    return false;
  }
  // At most one frame a byte; the lists are cut to what was found.
  std::vector<uint32_t>& list = columns.stack_locations;
  const size_t begin = list.size();
  list.resize(begin + size);
  if (frames.size() < size) frames.resize(size);
  const Fingerprint* const prints = columns.locations.fingerprints.data();
  const uint64_t locations = columns.locations.size();
  uint32_t* out = list.data() + begin;
  Fingerprint* print = frames.data();
  bool ok = true;
  while (p < end) {
    uint64_t index;
    ok = wire::ReadVarint(p, end, index) == wire::VarintStatus::kOk && index < locations;
    if (!ok) break;
    *out++ = static_cast<uint32_t>(index);
    *print++ = prints[index];
  }
  const auto count = static_cast<uint32_t>(print - frames.data());
  if (!ok || !decoder.CountIndices(count)) {
    list.resize(begin);
    return false;
  }
  list.resize(begin + count);
  const IncomingStack stack{.locations = {.begin = static_cast<uint32_t>(begin), .count = count}};
  columns.stacks.Add(stack, decoder.fingerprinter.Sequence({frames.data(), count}),
                     ReasonOfRow0(stack, columns.stacks, Reason::kNone));
  return true;
}

bool DecodeStack(Decoder& decoder, std::string_view row, std::vector<Fingerprint>& frames) {
  if (DecodeStackFast(decoder, row, frames)) return true;
  RequestColumns& columns = decoder.columns;
  wire::Reader fields(row);
  while (fields.Next()) {
    if (fields.field() != otlp::Stack::location_indices) {
      decoder.CountUnknownField();
    } else if (!decoder.TakeIndices(fields)) {
      return false;
    }
  }
  if (!decoder.Finish(fields)) return false;
  Reason reason = Reason::kNone;
  IncomingStack stack{
      .locations = {.begin = static_cast<uint32_t>(columns.stack_locations.size())}};
  if (decoder.index_list.size() > decoder.limits.max_stack_depth) {
    reason = Reason::kStackTooDeep;
    decoder.index_list.clear();
  }
  const size_t count = decoder.index_list.size();
  if (frames.size() < count) frames.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const int32_t index = Decoder::IndexFromList(decoder.index_list[i]);
    const WireIndex location = decoder.Refer(columns.locations, index, reason);
    columns.stack_locations.push_back(location.value);
    frames[i] = columns.locations.fingerprints[location.value];
  }
  stack.locations.count = static_cast<uint32_t>(count);
  decoder.index_list.clear();
  columns.stacks.Add(stack, decoder.fingerprinter.Sequence({frames.data(), count}),
                     ReasonOfRow0(stack, columns.stacks, reason));
  return true;
}

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

bool DecodeLink(Decoder& decoder, std::string_view row) {
  Column<IncomingLink>& column = decoder.columns.links;
  IncomingLink link;
  wire::Reader fields(row);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field()) {
      case otlp::Link::trace_id:
        ok = decoder.TakeBytes(fields, link.trace_id);
        break;
      case otlp::Link::span_id:
        ok = decoder.TakeBytes(fields, link.span_id);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder.Finish(fields)) return false;
  // Senders write the zero link as absent, empty or all-zero ids. Ids of another length link to
  // nothing.
  constexpr size_t kTraceIdBytes = 16;
  constexpr size_t kSpanIdBytes = 8;
  const bool zero = AllZero(link.trace_id) && AllZero(link.span_id);
  if (!zero && (link.trace_id.size() != kTraceIdBytes || link.span_id.size() != kSpanIdBytes)) {
    if (column.size() != 0) decoder.Repair(Reason::kBadLinkId);
    if (column.size() != 0) link = {};
  }
  if (zero) link = {};
  const Fingerprint t = decoder.fingerprinter.Bytes(link.trace_id);
  const Fingerprint s = decoder.fingerprinter.Bytes(link.span_id);
  const uint64_t words[] = {t.low, t.high, s.low, s.high};
  column.Add(link, decoder.fingerprinter.Words(words), ReasonOfRow0(link, column, Reason::kNone));
  return true;
}

// Decodes each row, or the zero row where the sender left the table out.
template <typename Row, typename DecodeRow>
bool DecodeTable(const Rows& rows, Column<Row>& column, const DecodeRow& decode_row) {
  column.Reserve(rows.size() + 1);
  if (rows.empty()) return decode_row(std::string_view());
  return std::all_of(rows.begin(), rows.end(), decode_row);
}

}  // namespace

bool DecodeDictionary(Decoder& decoder, const TableIndex& index) {
  RequestColumns& columns = decoder.columns;
  if (!index.resource_profiles.empty()) {
    for (const Rows* table : {&index.strings, &index.attributes, &index.functions, &index.mappings,
                              &index.locations, &index.stacks, &index.links}) {
      if (table->empty())
        decoder.Repair(decoder.dictionary_seen ? Reason::kTableEmpty : Reason::kDictionaryMissing);
    }
  }
  LocationMemory memory;
  std::vector<Fingerprint> frames;
  return DecodeStrings(decoder, index.strings) &&
         DecodeTable(index.attributes, columns.attributes,
                     [&](std::string_view row) { return DecodeAttribute(decoder, row); }) &&
         DecodeTable(index.functions, columns.functions,
                     [&](std::string_view row) { return DecodeFunction(decoder, row); }) &&
         DecodeTable(index.mappings, columns.mappings,
                     [&](std::string_view row) { return DecodeMapping(decoder, row); }) &&
         DecodeTable(index.locations, columns.locations,
                     [&](std::string_view row) { return DecodeLocation(decoder, row, memory); }) &&
         DecodeTable(index.stacks, columns.stacks,
                     [&](std::string_view row) { return DecodeStack(decoder, row, frames); }) &&
         DecodeTable(index.links, columns.links,
                     [&](std::string_view row) { return DecodeLink(decoder, row); });
}

}  // namespace flameway
