// SPDX-License-Identifier: Apache-2.0
#include "processor/request/dictionary.h"

#include <algorithm>

#include "processor/request/any_value.h"
#include "processor/request/column_prints.h"
#include "processor/request/row_prints.h"
#include "processor/request/stacks.h"
#include "proto/otlp/fields.h"

namespace flameway {
namespace {

// The index has put them there.
bool DecodeStrings(Decoder& decoder) {
  Column<std::string_view>& column = decoder.columns.strings;
  if (column.rows.empty()) column.rows.Append() = {};
  if (!column.rows[0].empty()) return decoder.Fail(Reason::kRow0NotZero, column.rows[0].data());
  decoder.index_list.Clear();
  PrintStrings(decoder.fingerprinter, decoder.instructions, column, decoder.limits.max_string_bytes,
               decoder.index_list);
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

size_t DictionaryDecoder::DecodeEarly(uint32_t field, const char*& p, const char* end,
                                      size_t most_rows) {
  if (field == otlp::ProfilesDictionary::location_table)
    return locations_.DecodeEarly(p, end, most_rows);
  if (field == otlp::ProfilesDictionary::function_table)
    return functions_.DecodeEarly(p, end, most_rows);
  return 0;
}

bool DictionaryDecoder::Decode(const TableIndex& index) {
  RequestColumns& columns = decoder_.columns;
  if (!index.resource_profiles.empty()) {
    for (const size_t rows :
         {columns.strings.rows.size(), index.attributes.size(), index.functions.size(),
          index.mappings.size(), index.locations.size(), index.stacks.size(), index.links.size()}) {
      if (rows == 0)
        decoder_.Repair(decoder_.dictionary_seen ? Reason::kTableEmpty
                                                 : Reason::kDictionaryMissing);
    }
  }
  if (!DecodeStrings(decoder_) ||
      !DecodeTable(index.attributes, columns.attributes,
                   [&](std::string_view row) { return DecodeAttribute(decoder_, row); }) ||
      !functions_.Decode(index.functions)) {
    return false;
  }
  // Nearly all locations carry one attribute, their frame type: these lists stand first.
  for (uint32_t i = 0; i < columns.attributes.size(); ++i) columns.attribute_indices.Append(i);
  JudgeRow0(columns.functions);
  PrintFunctions(decoder_.fingerprinter, columns);
  if (!DecodeTable(index.mappings, columns.mappings,
                   [&](std::string_view row) { return DecodeMapping(decoder_, row); }) ||
      !locations_.Decode(index.locations)) {
    return false;
  }
  JudgeRow0(columns.locations);
  PrintLocations(decoder_.fingerprinter, columns);
  if (!StackDecoder(decoder_).Decode(index.stacks)) return false;
  JudgeRow0(columns.stacks);
  if (!DecodeTable(index.links, columns.links,
                   [&](std::string_view row) { return DecodeLink(decoder_, row); })) {
    return false;
  }
  PrintStacks(decoder_.fingerprinter, columns);
  return true;
}

}  // namespace flameway
