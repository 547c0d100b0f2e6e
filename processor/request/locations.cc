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

// See straight_rows.h. It takes rows of less than 128 bytes with at most one attribute, which refer
// to what `Rows` have. What it looks at for each row it holds by value.
template <typename Rows>
class StraightLocations {
 public:
  // There is room for `most_rows` and `most_lines`. `last_end`: of a row behind which reads may
  // look ahead.
  StraightLocations(RequestColumns& columns, LocationReferences<Rows>& references, size_t most_rows,
                    size_t most_lines, const char* last_end)
      : columns_(columns),
        references_(references),
        rows_(columns.locations.rows.Reserve(most_rows)),
        rows_end_(rows_ + most_rows),
        lines_(columns.lines.Reserve(most_lines) - columns.lines.size()),
        last_end_(last_end),
        line_count_(static_cast<uint32_t>(columns.lines.size())),
        most_lines_(static_cast<uint32_t>(columns.lines.size() + most_lines)) {}

  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] const char* Decode(const char* p, const char* end) {
    constexpr auto kTag =
        wire::OneByteTag(otlp::ProfilesDictionary::location_table, wire::WireType::kBytes);
    LocationReferences<Rows> references = references_;
    IncomingLocation* to = rows_;
    uint32_t line_count = line_count_;
    while (wire::IsAt(p, end, kTag) && to != rows_end_) {
      AskAhead<Rows>(p);
      const auto size = static_cast<unsigned char>(p[1]);
      const char* const row_end = p + 2 + size;
      if (size >= 0x80 || row_end > last_end_ ||
          !DecodeRow<Varints, order>(p + 2, row_end, references, line_count, *to)) {
        break;
      }
      ++to;
      line_count_ = line_count;
      p = row_end;
    }
    columns_.locations.rows.Extend(static_cast<size_t>(to - rows_));
    columns_.lines.Extend(line_count_ - columns_.lines.size());
    references_ = references;
    rows_ = to;
    return p;
  }

 private:
  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] bool DecodeRow(const char* p, const char* end,
                                        LocationReferences<Rows>& references, uint32_t& line_count,
                                        IncomingLocation& to) const {
    const uint32_t first_line = line_count;
    uint64_t mapping = 0;
    uint64_t address = 0;
    ListSpan attributes;
    const char* before;
    do {
      before = p;
      if (wire::IsAt(p, end, kPackedAttributes)) {
        // Mostly a list of one byte, which is the attribute.
        const char* const list_end = p + 2 + static_cast<unsigned char>(p[1]);
        auto attribute = uint64_t{static_cast<unsigned char>(p[2])};
        if (list_end == p + 3) [[likely]] {
          if (attribute >= 0x80) return false;
          p = list_end;
        } else {
          p += 2;
          if (!Varints::ReadShort(p, attribute) || p != list_end) return false;
        }
        if (attributes.count != 0 || attribute == 0 || !references.attributes.Have(attribute))
          return false;
        attributes = {.begin = static_cast<uint32_t>(attribute), .count = 1};
      }
      while (wire::IsAt(p, end, kLines)) {
        const auto size = static_cast<unsigned char>(p[1]);
        const char* const line_end = p + 2 + size;
        if (size >= 0x80 || line_end > end || line_count == most_lines_ ||
            !DecodeLine<Varints, order>(p + 2, line_end, references.functions,
                                        lines_[line_count])) {
          return false;
        }
        ++line_count;
        p = line_end;
      }
      if (wire::IsAt(p, end, kAddress) && !Varints::Read(++p, address)) return false;
      if (wire::IsAt(p, end, kMappingIndex) && !Varints::ReadShort(++p, mapping)) return false;
    } while (order == wire::FieldOrder::kAny && p < end && p != before);
    if (p != end || !references.mappings.Have(mapping)) return false;
    to = {.mapping = {static_cast<uint32_t>(mapping)},
          .address = address,
          .lines = {.begin = first_line, .count = line_count - first_line},
          .attributes = attributes};
    return true;
  }
  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] bool DecodeLine(const char* p, const char* end, Rows& functions,
                                         IncomingLine& to) const {
    static_assert(otlp::Line::function_index == 1 && otlp::Line::line == 2 &&
                  otlp::Line::column == 3);
    uint64_t column = 0;
    uint64_t number = 0;
    uint64_t function = 0;
    if (!wire::TakeVarintFields<Varints, order>(p, end, column, number, function) ||
        !functions.Have(function)) {
      return false;
    }
    to.function = {static_cast<uint32_t>(function)};
    to.line = static_cast<int64_t>(number);
    to.column = static_cast<int64_t>(column);
    return true;
  }

  RequestColumns& columns_;
  LocationReferences<Rows>& references_;
  IncomingLocation* rows_;
  IncomingLocation* rows_end_;
  IncomingLine* lines_;
  const char* last_end_;
  uint32_t line_count_;
  uint32_t most_lines_;
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

size_t LocationDecoder::LinesLeft() const {
  const size_t most = decoder_.limits.max_elements;
  return most - std::min(most, decoder_.columns.lines.size());
}

size_t LocationDecoder::DecodeEarly(const char*& p, const char* end, size_t most_rows) {
  RequestColumns& columns = decoder_.columns;
  early_.begin = p;
  end = std::min(end, decoder_.last_look_ahead());
  const char* before;
  do {
    before = p;
    const size_t rows_left = most_rows - columns.locations.rows.size();
    p = DecodeStraight(
        StraightLocations(columns, early_references_, std::min(rows_left, EarlyRows::kAtOnce),
                          std::min(LinesLeft(), 2 * EarlyRows::kAtOnce), end),
        p, end, decoder_.instructions);
  } while (p != before);
  early_.end = p;
  return columns.locations.rows.size();
}

bool LocationDecoder::Decode(const TableRows& rows) {
  RequestColumns& columns = decoder_.columns;
  if (rows.empty()) return DecodeWithCare({});
  LocationReferences<RowsThere> there = {.functions = {columns.functions.size()},
                                         .mappings = {columns.mappings.size()},
                                         .attributes = {columns.attributes.size()}};
  const bool may_be_straight =
      columns.functions.all_good() && columns.mappings.all_good() &&
      columns.attributes.all_good() &&
      std::none_of(columns.attributes.rows.begin() + 1, columns.attributes.rows.end(),
                   [](const IncomingAttribute& attribute) { return attribute.IsZero(); });
  const bool early_is_good = may_be_straight &&
                             there.functions.Have(early_references_.functions.highest) &&
                             there.mappings.Have(early_references_.mappings.highest) &&
                             there.attributes.Have(early_references_.attributes.highest);
  if (!early_is_good) {
    columns.locations.rows.Clear();
    columns.lines.Clear();
  }
  columns.locations.Reserve(rows.size() - columns.locations.rows.size());
  const auto straight = [&](const char* p, const char* end) {
    if (p == early_.begin && early_is_good) p = early_.end;
    if (!may_be_straight || !columns.locations.all_good()) return p;
    const size_t rows_left = rows.size() - columns.locations.rows.size();
    return DecodeStraight(
        StraightLocations(columns, there, rows_left, std::min(rows_left, LinesLeft()),
                          decoder_.last_look_ahead()),
        p, end, decoder_.instructions);
  };
  return rows.All(straight, [&](std::string_view row) { return DecodeWithCare(row); }) &&
         decoder_.CountElements(columns.lines.size(), nullptr);
}

}  // namespace flameway
