// SPDX-License-Identifier: Apache-2.0
#include "processor/request/dictionary.h"

#include <algorithm>

#include "processor/request/any_value.h"
#include "processor/request/column_prints.h"
#include "processor/request/locations.h"
#include "processor/request/row_prints.h"
#include "processor/request/stacks.h"
#include "processor/request/straight_rows.h"
#include "proto/otlp/fields.h"

namespace flameway {
namespace {

uint64_t Word(int64_t value) { return static_cast<uint64_t>(value); }

// The index has put them there.
bool DecodeStrings(Decoder& decoder) {
  Column<std::string_view>& column = decoder.columns.strings;
  if (column.rows.empty()) column.rows.Append() = {};
  if (!column.rows[0].empty()) return decoder.Fail(Reason::kRow0NotZero, column.rows[0].data());
  decoder.index_list.Clear();
  PrintStrings(decoder.fingerprinter, column, decoder.limits.max_string_bytes, decoder.index_list);
  for (const uint32_t row : decoder.index_list) {
    std::string_view text = column.rows[row];
    decoder.empty_strings |= row > 0 && text.empty();
    Reason reason = Reason::kNone;
    if (!decoder.CheckText(text, reason)) return false;
    if (reason != Reason::kNone) column.SetReason(row, reason);
    if (text.data() == column.rows[row].data()) continue;
    column.rows[row] = text;
    column.fingerprints[row] = decoder.fingerprinter.Bytes(text);
  }
  decoder.index_list.Clear();
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
  IncomingAttribute& attribute = column.rows.Append();
  attribute.key = decoder.ReferString(key, reason);
  attribute.unit = decoder.ReferString(unit, reason);
  if (!DecodeAnyValue(decoder, value, attribute.value, reason)) return false;
  const Fingerprint& k = strings.fingerprints[attribute.key.value];
  const Fingerprint& u = strings.fingerprints[attribute.unit.value];
  const Fingerprint v = decoder.fingerprinter.Bytes(attribute.value);
  column.Close(AttributePrint(decoder.fingerprinter, k, u, v), reason);
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

bool DecodeFunctionWithCare(Decoder& decoder, std::string_view row) {
  Column<IncomingFunction>& column = decoder.columns.functions;
  uint64_t values[5] = {};
  if (!WalkFunction(decoder, row, values)) return false;
  Reason reason = Reason::kNone;
  const auto string = [&](uint32_t field) {
    return decoder.ReferString(static_cast<int32_t>(values[field]), reason);
  };
  IncomingFunction& function = column.rows.Append();
  function.name = string(otlp::Function::name_strindex);
  function.system_name = string(otlp::Function::system_name_strindex);
  function.filename = string(otlp::Function::filename_strindex);
  function.start_line = static_cast<int64_t>(values[otlp::Function::start_line]);
  column.Close(reason);
  return true;
}

// See straight_rows.h. It takes rows of less than 128 bytes whose strings are all there.
class StraightFunctions {
 public:
  // There is room for `most_rows`. `last_end`: of a row behind which reads may look ahead.
  StraightFunctions(RequestColumns& columns, size_t most_rows, const char* last_end)
      : columns_(columns),
        rows_(columns.functions.rows.Reserve(most_rows)),
        last_end_(last_end),
        string_count_(columns.strings.size()) {}

  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] const char* Decode(const char* p, const char* end) {
    static_assert(otlp::Function::name_strindex == 1 && otlp::Function::system_name_strindex == 2 &&
                  otlp::Function::filename_strindex == 3 && otlp::Function::start_line == 4);
    IncomingFunction* to = rows_;
    while (p < end) {
      const auto size = static_cast<unsigned char>(p[1]);
      const char* const row_end = p + 2 + size;
      uint64_t name = 0;
      uint64_t system_name = 0;
      uint64_t filename = 0;
      uint64_t start_line = 0;
      if (size >= 0x80 || row_end > last_end_ ||
          !wire::TakeVarintFields<Varints, order>(p + 2, row_end, start_line, filename, system_name,
                                                  name) ||
          std::max({name, system_name, filename}) >= string_count_) {
        break;
      }
      to->name = {static_cast<uint32_t>(name)};
      to->system_name = {static_cast<uint32_t>(system_name)};
      to->filename = {static_cast<uint32_t>(filename)};
      to->start_line = static_cast<int64_t>(start_line);
      ++to;
      p = row_end;
    }
    columns_.functions.rows.Extend(static_cast<size_t>(to - rows_));
    rows_ = to;
    return p;
  }

 private:
  RequestColumns& columns_;
  IncomingFunction* rows_;
  const char* last_end_;
  uint32_t string_count_;
};

bool DecodeFunctions(Decoder& decoder, const TableRows& rows) {
  RequestColumns& columns = decoder.columns;
  const auto with_care = [&](std::string_view row) { return DecodeFunctionWithCare(decoder, row); };
  columns.functions.Reserve(rows.size() + 1);
  if (rows.empty()) return with_care({});
  // Straight where all strings are good, and no other way to say "empty" is among them.
  const bool may_be_straight = columns.strings.all_good() && !decoder.empty_strings;
  const auto straight = [&](const char* p, const char* end) {
    if (!may_be_straight || !columns.functions.all_good()) return p;
    return DecodeStraight(StraightFunctions(columns, rows.size() - columns.functions.rows.size(),
                                            decoder.last_look_ahead()),
                          p, end, decoder.has_fast_pext);
  };
  return rows.All(straight, with_care);
}

bool DecodeMapping(Decoder& decoder, std::string_view row) {
  Column<IncomingMapping>& column = decoder.columns.mappings;
  const Column<std::string_view>& strings = decoder.columns.strings;
  int32_t filename = 0;
  IncomingMapping& mapping = column.rows.Append();
  mapping = {};
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
  column.Close(MappingPrint(decoder.fingerprinter, mapping.memory_start, mapping.memory_limit,
                            mapping.file_offset, f, set, mapping.attributes.count),
               reason);
  return true;
}

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

bool DecodeLink(Decoder& decoder, std::string_view row) {
  Column<IncomingLink>& column = decoder.columns.links;
  IncomingLink& link = column.rows.Append();
  link = {};
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
    if (column.size() > 1) decoder.Repair(Reason::kBadLinkId);
    if (column.size() > 1) link = {};
  }
  if (zero) {
    // Some decoders refuse a request for an id of another length, be it zero or not.
    decoder.plain &= link.trace_id.empty() || link.trace_id.size() == kTraceIdBytes;
    decoder.plain &= link.span_id.empty() || link.span_id.size() == kSpanIdBytes;
    link = {};
  }
  const Fingerprint t = decoder.fingerprinter.Bytes(link.trace_id);
  const Fingerprint s = decoder.fingerprinter.Bytes(link.span_id);
  column.Close(decoder.fingerprinter.Join(t, s), Reason::kNone);
  return true;
}

// Row 0 means "not set" wherever it is referred to; a sender that put something real there is
// misread by everyone.
template <typename Row>
void JudgeRow0(Column<Row>& column) {
  if (column.rows[0].IsZero()) return;
  if (column.all_good()) column.reasons.Resize(column.size(), Reason::kNone);
  Decoder::SetReason(column.reasons[0], Reason::kRow0NotZero);
}

// Decodes each row, or the zero row where the sender left the table out.
template <typename Row, typename DecodeRow>
bool DecodeTable(const TableRows& rows, Column<Row>& column, const DecodeRow& decode_row) {
  column.Reserve(rows.size() + 1);
  const bool ok = rows.empty() ? decode_row(std::string_view()) : rows.All(decode_row);
  if (ok) JudgeRow0(column);
  return ok;
}

}  // namespace

bool DecodeDictionary(Decoder& decoder, const TableIndex& index) {
  RequestColumns& columns = decoder.columns;
  if (!index.resource_profiles.empty()) {
    for (const size_t rows :
         {columns.strings.rows.size(), index.attributes.size(), index.functions.size(),
          index.mappings.size(), index.locations.size(), index.stacks.size(), index.links.size()}) {
      if (rows == 0)
        decoder.Repair(decoder.dictionary_seen ? Reason::kTableEmpty : Reason::kDictionaryMissing);
    }
  }
  StackDecoder stacks(decoder);
  if (!DecodeStrings(decoder) ||
      !DecodeTable(index.attributes, columns.attributes,
                   [&](std::string_view row) { return DecodeAttribute(decoder, row); }) ||
      !DecodeFunctions(decoder, index.functions)) {
    return false;
  }
  JudgeRow0(columns.functions);
  PrintFunctions(decoder.fingerprinter, columns);
  if (!DecodeTable(index.mappings, columns.mappings,
                   [&](std::string_view row) { return DecodeMapping(decoder, row); }) ||
      !LocationDecoder(decoder).Decode(index.locations)) {
    return false;
  }
  JudgeRow0(columns.locations);
  PrintLocations(decoder.fingerprinter, columns);
  if (!DecodeTable(index.stacks, columns.stacks,
                   [&](std::string_view row) { return stacks.Decode(row); }) ||
      !DecodeTable(index.links, columns.links,
                   [&](std::string_view row) { return DecodeLink(decoder, row); })) {
    return false;
  }
  PrintStacks(decoder.fingerprinter, columns);
  return true;
}

}  // namespace flameway
