// SPDX-License-Identifier: Apache-2.0
#include "processor/request/dictionary.h"

#include <algorithm>

#include "processor/request/any_value.h"
#include "proto/otlp/fields.h"

namespace flameway {
namespace {

using Rows = std::vector<std::string_view>;

// Words of a location's fingerprint: of itself, of each line, and how many lines are laid out on
// the stack.
constexpr size_t kLocationWords = 6;
constexpr size_t kLineWords = 4;
constexpr uint32_t kFewLines = 8;

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

bool DecodeFunction(Decoder& decoder, std::string_view row) {
  Column<IncomingFunction>& column = decoder.columns.functions;
  const Column<std::string_view>& strings = decoder.columns.strings;
  int32_t name = 0;
  int32_t system_name = 0;
  int32_t filename = 0;
  IncomingFunction function;
  wire::Reader fields(row);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field()) {
      case otlp::Function::name_strindex:
        ok = decoder.TakeInt32(fields, name);
        break;
      case otlp::Function::system_name_strindex:
        ok = decoder.TakeInt32(fields, system_name);
        break;
      case otlp::Function::filename_strindex:
        ok = decoder.TakeInt32(fields, filename);
        break;
      case otlp::Function::start_line:
        ok = decoder.TakeInt64(fields, function.start_line);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder.Finish(fields)) return false;
  Reason reason = Reason::kNone;
  function.name = decoder.ReferString(name, reason);
  function.system_name = decoder.ReferString(system_name, reason);
  function.filename = decoder.ReferString(filename, reason);
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

bool DecodeLine(Decoder& decoder, std::string_view message, Reason& reason) {
  int32_t function = 0;
  IncomingLine line;
  wire::Reader fields(message);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field()) {
      case otlp::Line::function_index:
        ok = decoder.TakeInt32(fields, function);
        break;
      case otlp::Line::line:
        ok = decoder.TakeInt64(fields, line.line);
        break;
      case otlp::Line::column:
        ok = decoder.TakeInt64(fields, line.column);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  line.function = decoder.Refer(decoder.columns.functions, function, reason);
  decoder.columns.lines.push_back(line);
  return decoder.Finish(fields);
}

bool DecodeLocation(Decoder& decoder, std::string_view row, std::vector<uint64_t>& words) {
  RequestColumns& columns = decoder.columns;
  int32_t mapping = 0;
  IncomingLocation location;
  location.lines.begin = static_cast<uint32_t>(columns.lines.size());
  Reason reason = Reason::kNone;
  wire::Reader fields(row);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field()) {
      case otlp::Location::mapping_index:
        ok = decoder.TakeInt32(fields, mapping);
        break;
      case otlp::Location::address:
        ok = decoder.TakeUint64(fields, location.address);
        break;
      case otlp::Location::lines: {
        std::string_view line;
        ok = decoder.TakeBytes(fields, line) && decoder.CountElements(1, line.data()) &&
             DecodeLine(decoder, line, reason);
        break;
      }
      case otlp::Location::attribute_indices:
        ok = decoder.TakeIndices(fields);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder.Finish(fields)) return false;
  Fingerprint set;
  location.lines.count = static_cast<uint32_t>(columns.lines.size()) - location.lines.begin;
  location.mapping = decoder.Refer(columns.mappings, mapping, reason);
  location.attributes = decoder.FinishAttributes(reason, set);
  const Fingerprint& m = columns.mappings.fingerprints[location.mapping.value];
  uint64_t few[kLocationWords + kLineWords * kFewLines];
  uint64_t* all = few;
  if (location.lines.count > kFewLines) {
    words.resize(kLocationWords + kLineWords * size_t{location.lines.count});
    all = words.data();
  }
  uint64_t* word = all;
  for (const uint64_t value :
       {m.low, m.high, location.address, set.low, set.high, uint64_t{location.attributes.count}}) {
    *word++ = value;
  }
  for (uint32_t i = 0; i < location.lines.count; ++i) {
    const IncomingLine& line = columns.lines[location.lines.begin + i];
    const Fingerprint& f = columns.functions.fingerprints[line.function.value];
    for (const uint64_t value : {f.low, f.high, Word(line.line), Word(line.column)})
      *word++ = value;
  }
  columns.locations.Add(location,
                        decoder.fingerprinter.Words({all, static_cast<size_t>(word - all)}),
                        ReasonOfRow0(location, columns.locations, reason));
  return true;
}

bool DecodeStack(Decoder& decoder, std::string_view row, std::vector<Fingerprint>& frames) {
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
  frames.clear();
  if (decoder.index_list.size() > decoder.limits.max_stack_depth) {
    reason = Reason::kStackTooDeep;
  } else {
    const size_t count = decoder.index_list.size();
    columns.stack_locations.resize(stack.locations.begin + count);
    frames.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const WireIndex location =
          decoder.Refer(columns.locations, Decoder::IndexFromList(decoder.index_list[i]), reason);
      columns.stack_locations[stack.locations.begin + i] = location.value;
      frames[i] = columns.locations.fingerprints[location.value];
    }
    stack.locations.count = static_cast<uint32_t>(decoder.index_list.size());
  }
  decoder.index_list.clear();
  columns.stacks.Add(stack, decoder.fingerprinter.Sequence(frames),
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
  std::vector<uint64_t> words;
  std::vector<Fingerprint> frames;
  return DecodeStrings(decoder, index.strings) &&
         DecodeTable(index.attributes, columns.attributes,
                     [&](std::string_view row) { return DecodeAttribute(decoder, row); }) &&
         DecodeTable(index.functions, columns.functions,
                     [&](std::string_view row) { return DecodeFunction(decoder, row); }) &&
         DecodeTable(index.mappings, columns.mappings,
                     [&](std::string_view row) { return DecodeMapping(decoder, row); }) &&
         DecodeTable(index.locations, columns.locations,
                     [&](std::string_view row) { return DecodeLocation(decoder, row, words); }) &&
         DecodeTable(index.stacks, columns.stacks,
                     [&](std::string_view row) { return DecodeStack(decoder, row, frames); }) &&
         DecodeTable(index.links, columns.links,
                     [&](std::string_view row) { return DecodeLink(decoder, row); });
}

}  // namespace flameway
