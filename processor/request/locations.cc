// SPDX-License-Identifier: Apache-2.0
#include "processor/request/locations.h"

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

// Tags of one byte, for the straight way.
constexpr auto kMappingIndex =
    wire::OneByteTag(otlp::Location::mapping_index, wire::WireType::kVarint);
constexpr auto kAddress = wire::OneByteTag(otlp::Location::address, wire::WireType::kVarint);
constexpr auto kLines = wire::OneByteTag(otlp::Location::lines, wire::WireType::kBytes);
constexpr auto kPackedAttributes =
    wire::OneByteTag(otlp::Location::attribute_indices, wire::WireType::kBytes);

}  // namespace

void LocationDecoder::AddLine(int32_t function, uint64_t line, uint64_t column, Reason& reason) {
  IncomingLine& added = decoder_.columns.lines.Append();
  added.function = decoder_.Refer(decoder_.columns.functions, function, reason);
  added.line = static_cast<int64_t>(line);
  added.column = static_cast<int64_t>(column);
}

bool LocationDecoder::WalkLine(std::string_view message, Reason& reason) {
  int32_t function = 0;
  uint64_t line = 0;
  uint64_t column = 0;
  wire::Reader fields(message);
  while (fields.Next()) {
    bool ok = true;
    switch (fields.field()) {
      case otlp::Line::function_index:
        ok = decoder_.TakeInt32(fields, function);
        break;
      case otlp::Line::line:
        ok = decoder_.TakeUint64(fields, line);
        break;
      case otlp::Line::column:
        ok = decoder_.TakeUint64(fields, column);
        break;
      default:
        decoder_.CountUnknownField();
    }
    if (!ok) return false;
  }
  AddLine(function, line, column, reason);
  return decoder_.Finish(fields);
}

// Tags of one byte, lines, at most one packed attribute list, left for the caller. False when there
// is anything else; lines may have been added then.
bool LocationDecoder::ReadStraight(std::string_view row, Fields& fields, Reason& reason) {
  const char* p = row.data();
  const char* const end = p + row.size();
  while (p < end) {
    const auto tag = static_cast<unsigned char>(*p++);
    uint64_t value;
    if (wire::ReadVarint(p, end, value) != wire::VarintStatus::kOk) return false;
    if (tag == kLines) {
      if (value > static_cast<uint64_t>(end - p)) return false;
      uint64_t line[4] = {};
      if (!wire::ReadVarintFields<3>({p, static_cast<size_t>(value)}, line) ||
          line[otlp::Line::function_index] > INT32_MAX ||
          decoder_.columns.lines.size() >= decoder_.limits.max_elements) {
        return false;
      }
      AddLine(static_cast<int32_t>(line[otlp::Line::function_index]), line[otlp::Line::line],
              line[otlp::Line::column], reason);
      p += value;
    } else if (tag == kMappingIndex) {
      if (value > INT32_MAX) return false;
      fields.mapping = static_cast<int32_t>(value);
    } else if (tag == kAddress) {
      fields.address = value;
    } else if (tag == kPackedAttributes && fields.list.empty()) {
      if (value > static_cast<uint64_t>(end - p)) return false;
      fields.list = {p, static_cast<size_t>(value)};
      p += value;
    } else {
      return false;
    }
  }
  return true;
}

// The slow twin, for any legal form and for what is wrong; attributes into decoder.index_list.
bool LocationDecoder::WalkWithCare(std::string_view row, Fields& location, Reason& reason) {
  wire::Reader fields(row);
  while (fields.Next()) {
    bool ok = true;
    std::string_view line;
    switch (fields.field()) {
      case otlp::Location::mapping_index:
        ok = decoder_.TakeInt32(fields, location.mapping);
        break;
      case otlp::Location::address:
        ok = decoder_.TakeUint64(fields, location.address);
        break;
      case otlp::Location::lines:
        ok = decoder_.TakeBytes(fields, line) &&
             (decoder_.columns.lines.size() < decoder_.limits.max_elements ||
              decoder_.Fail(Reason::kTooManyElements, line.data())) &&
             WalkLine(line, reason);
        break;
      case otlp::Location::attribute_indices:
        ok = decoder_.TakeIndices(fields);
        break;
      default:
        decoder_.CountUnknownField();
    }
    if (!ok) return false;
  }
  return decoder_.Finish(fields);
}

bool LocationDecoder::TakeAttributes(std::string_view list, AttributeList& attributes,
                                     Reason& reason) {
  if (list.empty()) return true;
  const auto entry = static_cast<unsigned char>(list[0]);
  const bool single = list.size() == 1 && entry < kOneByteEntries;
  if (single && single_[entry].known) [[likely]] {
    attributes = single_[entry];
    return true;
  }
  if (!decoder_.TakePackedIndices(list)) return false;
  const Reason before = reason;
  Fingerprint set;
  attributes.span = decoder_.FinishAttributes(reason, set);
  // What had to be repaired or refused is counted each time.
  if (single && reason == before && attributes.span.count == 1) {
    attributes.known = true;
    single_[entry] = attributes;
  }
  return true;
}

bool LocationDecoder::Decode(std::string_view row) {
  RequestColumns& columns = decoder_.columns;
  const auto first_line = static_cast<uint32_t>(columns.lines.size());
  Fields fields;
  Reason reason = Reason::kNone;
  AttributeList attributes;
  if (ReadStraight(row, fields, reason)) [[likely]] {
    if (!TakeAttributes(fields.list, attributes, reason)) return false;
  } else {
    columns.lines.Truncate(first_line);
    fields = {};
    reason = Reason::kNone;
    if (!WalkWithCare(row, fields, reason)) return false;
    Fingerprint set;
    attributes.span = decoder_.FinishAttributes(reason, set);
  }
  const auto line_count = static_cast<uint32_t>(columns.lines.size()) - first_line;
  if (!decoder_.CountElements(line_count, row.data())) return false;
  IncomingLocation& location = columns.locations.rows.Append();
  location.mapping = decoder_.Refer(columns.mappings, fields.mapping, reason);
  location.address = fields.address;
  location.lines = {.begin = first_line, .count = line_count};
  location.attributes = attributes.span;
  columns.locations.Close(reason);
  return true;
}

}  // namespace flameway
