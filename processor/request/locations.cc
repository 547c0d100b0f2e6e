// SPDX-License-Identifier: Apache-2.0
#include "processor/request/locations.h"

#include <algorithm>

#include "processor/request/straight_rows.h"
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

// See straight_rows.h. It takes rows of less than 128 bytes, all that is referred to there, and at
// most one attribute. What it looks at for each row it holds by value.
class StraightLocations {
 public:
  // There is room for `most_rows` and as many lines, unless there may be fewer. `each_attribute`:
  // where columns.attribute_indices has each attribute once, in order; row 0 alone is null.
  // `last_end`: of a row behind which reads may look ahead.
  StraightLocations(RequestColumns& columns, uint32_t each_attribute, size_t most_rows,
                    size_t most_lines, const char* last_end)
      : columns_(columns),
        rows_(columns.locations.rows.Reserve(most_rows)),
        lines_(columns.lines.Reserve(most_lines) - columns.lines.size()),
        last_end_(last_end),
        line_count_(static_cast<uint32_t>(columns.lines.size())),
        most_lines_(static_cast<uint32_t>(columns.lines.size() + most_lines)),
        each_attribute_(each_attribute),
        attribute_count_(columns.attributes.size()),
        function_count_(columns.functions.size()),
        mapping_count_(columns.mappings.size()) {}

  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] const char* Decode(const char* p, const char* end) {
    IncomingLocation* to = rows_;
    uint32_t line_count = line_count_;
    while (p < end) {
      const auto size = static_cast<unsigned char>(p[1]);
      const char* const row_end = p + 2 + size;
      if (size >= 0x80 || row_end > last_end_ ||
          !DecodeRow<Varints, order>(p + 2, row_end, line_count, *to)) {
        break;
      }
      ++to;
      line_count_ = line_count;
      p = row_end;
    }
    columns_.locations.rows.Extend(static_cast<size_t>(to - rows_));
    columns_.lines.Extend(line_count_ - columns_.lines.size());
    rows_ = to;
    return p;
  }

 private:
  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] bool DecodeRow(const char* p, const char* end, uint32_t& line_count,
                                        IncomingLocation& to) const {
    const uint32_t first_line = line_count;
    uint64_t mapping = 0;
    uint64_t address = 0;
    ListSpan attributes;
    const char* before;
    do {
      before = p;
      if (wire::IsAt(p, end, kPackedAttributes)) {
        const char* const list_end = p + 2 + static_cast<unsigned char>(p[1]);
        p += 2;
        uint64_t attribute;
        if (attributes.count != 0 || !Varints::ReadShort(p, attribute) || p != list_end ||
            attribute == 0 || attribute >= attribute_count_) {
          return false;
        }
        attributes = {.begin = each_attribute_ + static_cast<uint32_t>(attribute), .count = 1};
      }
      while (wire::IsAt(p, end, kLines)) {
        const auto size = static_cast<unsigned char>(p[1]);
        const char* const line_end = p + 2 + size;
        if (size >= 0x80 || line_end > end || line_count == most_lines_ ||
            !DecodeLine<Varints, order>(p + 2, line_end, lines_[line_count])) {
          return false;
        }
        ++line_count;
        p = line_end;
      }
      if (wire::IsAt(p, end, kAddress) && !Varints::Read(++p, address)) return false;
      if (wire::IsAt(p, end, kMappingIndex) && !Varints::ReadShort(++p, mapping)) return false;
    } while (order == wire::FieldOrder::kAny && p < end && p != before);
    if (p != end || mapping >= mapping_count_) return false;
    to = {.mapping = {static_cast<uint32_t>(mapping)},
          .address = address,
          .lines = {.begin = first_line, .count = line_count - first_line},
          .attributes = attributes};
    return true;
  }
  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] bool DecodeLine(const char* p, const char* end, IncomingLine& to) const {
    static_assert(otlp::Line::function_index == 1 && otlp::Line::line == 2 &&
                  otlp::Line::column == 3);
    uint64_t column = 0;
    uint64_t number = 0;
    uint64_t function = 0;
    if (!wire::TakeVarintFields<Varints, order>(p, end, column, number, function) ||
        function >= function_count_) {
      return false;
    }
    to.function = {static_cast<uint32_t>(function)};
    to.line = static_cast<int64_t>(number);
    to.column = static_cast<int64_t>(column);
    return true;
  }

  RequestColumns& columns_;
  IncomingLocation* rows_;
  IncomingLine* lines_;
  const char* last_end_;
  uint32_t line_count_;
  uint32_t most_lines_;
  uint32_t each_attribute_;
  uint32_t attribute_count_;
  uint32_t function_count_;
  uint32_t mapping_count_;
};

}  // namespace

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
  bool may_be_straight =
      columns.functions.all_good() && columns.mappings.all_good() && columns.attributes.all_good();
  // Nearly all locations carry one attribute, their frame type: these lists are there already.
  const auto each_attribute = static_cast<uint32_t>(columns.attribute_indices.size());
  for (uint32_t i = 0; i < columns.attributes.size(); ++i) {
    columns.attribute_indices.Append(i);
    may_be_straight &= i == 0 || !columns.attributes.rows[i].IsZero();
  }
  const auto straight = [&](const char* p, const char* end) {
    if (!may_be_straight || !columns.locations.all_good()) return p;
    const size_t rows_left = rows.size() - columns.locations.rows.size();
    const size_t most_lines = decoder_.limits.max_elements;
    const size_t lines_left = most_lines - std::min(most_lines, columns.lines.size());
    return DecodeStraight(
        StraightLocations(columns, each_attribute, rows_left, std::min(rows_left, lines_left),
                          decoder_.last_look_ahead()),
        p, end, decoder_.has_fast_pext);
  };
  return rows.All(straight, [&](std::string_view row) { return DecodeWithCare(row); }) &&
         decoder_.CountElements(columns.lines.size(), nullptr);
}

}  // namespace flameway
