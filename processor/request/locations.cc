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

// Tags of one byte, each field at most once but for lines, all that is referred to there, and at
// most one attribute. False for anything else; then nothing counts.
bool LocationDecoder::DecodeStraight(std::string_view row) {
  RequestColumns& columns = decoder_.columns;
  const char* p = row.data();
  const char* const end = p + row.size();
  const auto first_line = static_cast<uint32_t>(columns.lines.size());
  uint64_t mapping = 0;
  uint64_t address = 0;
  ListSpan attributes;
  bool good = true;
  while (p < end && good) {
    const auto tag = static_cast<unsigned char>(*p++);
    if (tag == kAddress) {
      good = wire::ReadVarintAhead(p, address);
    } else if (tag == kLines) {
      const auto size = static_cast<unsigned char>(*p++);  // above 127: the length goes on
      uint64_t function = 0;
      uint64_t line = 0;
      uint64_t column = 0;
      static_assert(otlp::Line::function_index == 1 && otlp::Line::line == 2 &&
                    otlp::Line::column == 3);
      good = size < 0x80 && size <= end - p &&
             columns.lines.size() < decoder_.limits.max_elements &&
             wire::ReadVarintFieldsAhead({p, size}, function, line, column) &&
             function < columns.functions.size();
      IncomingLine& added = columns.lines.Append();
      added.function = {static_cast<uint32_t>(function)};
      added.line = static_cast<int64_t>(line);
      added.column = static_cast<int64_t>(column);
      p += size;
    } else if (tag == kMappingIndex) {
      good = wire::ReadShortVarintAhead(p, mapping);
    } else if (tag == kPackedAttributes && attributes.count == 0) {
      const char* const list_end = p + 1 + static_cast<unsigned char>(*p);
      uint64_t attribute = 0;
      good = wire::ReadShortVarintAhead(++p, attribute) && p == list_end &&
             attribute < columns.attributes.size() && !columns.attributes.rows[attribute].IsZero();
      attributes = {.begin = each_attribute_ + static_cast<uint32_t>(attribute), .count = 1};
    } else {
      good = false;
    }
  }
  if (!good || p != end || mapping >= columns.mappings.size()) [[unlikely]] {
    columns.lines.Truncate(first_line);
    return false;
  }
  IncomingLocation& location = columns.locations.rows.Append();
  location.mapping = {static_cast<uint32_t>(mapping)};
  location.address = address;
  location.lines = {.begin = first_line,
                    .count = static_cast<uint32_t>(columns.lines.size()) - first_line};
  location.attributes = attributes;
  return true;
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
  IncomingLine& added = decoder_.columns.lines.Append();
  added.function = decoder_.Refer(decoder_.columns.functions, function, reason);
  added.line = static_cast<int64_t>(line);
  added.column = static_cast<int64_t>(column);
  return decoder_.Finish(fields);
}

// Attributes into decoder.index_list.
bool LocationDecoder::Walk(std::string_view row, Fields& location, Reason& reason) {
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

// The slow twin, for any legal form and for what is wrong.
bool LocationDecoder::DecodeWithCare(std::string_view row) {
  RequestColumns& columns = decoder_.columns;
  const auto first_line = static_cast<uint32_t>(columns.lines.size());
  Fields fields;
  Reason reason = Reason::kNone;
  if (!Walk(row, fields, reason)) return false;
  IncomingLocation& location = columns.locations.rows.Append();
  Fingerprint set;
  location.attributes = decoder_.FinishAttributes(reason, set);
  location.mapping = decoder_.Refer(columns.mappings, fields.mapping, reason);
  location.address = fields.address;
  location.lines = {.begin = first_line,
                    .count = static_cast<uint32_t>(columns.lines.size()) - first_line};
  columns.locations.Close(reason);
  return true;
}

bool LocationDecoder::Decode(const TableRows& rows) {
  RequestColumns& columns = decoder_.columns;
  columns.locations.Reserve(rows.size() + 1);
  if (rows.empty()) return DecodeWithCare({});
  const bool all_good =
      columns.functions.all_good() && columns.mappings.all_good() && columns.attributes.all_good();
  each_attribute_ = static_cast<uint32_t>(columns.attribute_indices.size());
  for (uint32_t i = 0; i < columns.attributes.size(); ++i) columns.attribute_indices.Append(i);
  const bool ok = rows.All([&](std::string_view row) {
    if (all_good && columns.locations.all_good() && decoder_.MayLookAhead(row.data() + row.size()))
        [[likely]] {
      if (DecodeStraight(row)) return true;
    }
    return DecodeWithCare(row);
  });
  return ok && decoder_.CountElements(columns.lines.size(), nullptr);
}

}  // namespace flameway
