// SPDX-License-Identifier: Apache-2.0
#include "processor/request/locations.h"

#include <algorithm>
#include <optional>

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

// The straight way through rows: tags of one byte, each field at most once but for lines, all that
// is referred to there, and at most one attribute. It writes where there is room for `most` rows
// and as many lines, and holds by value what it looks at for each, so that a loop has it in
// registers.
class StraightRows {
 public:
  // `each_attribute`: where columns.attribute_indices has each attribute once, in order.
  StraightRows(RequestColumns& columns, uint32_t each_attribute, size_t most, size_t max_lines)
      : columns_(columns),
        attributes_(columns.attributes.rows.data()),
        attribute_count_(columns.attributes.size()),
        each_attribute_(each_attribute),
        function_count_(columns.functions.size()),
        mapping_count_(columns.mappings.size()),
        location_(columns.locations.rows.Reserve(most)),
        line_(columns.lines.Reserve(most)),
        first_line_(columns.lines.data()),
        last_line_(line_ + std::min(most, max_lines - std::min(max_lines, columns.lines.size()))) {}

  // False for any other row; then nothing counts.
  [[gnu::always_inline]] bool Decode(std::string_view row) {
    const char* p = row.data();
    const char* const end = p + row.size();
    IncomingLine* line = line_;
    uint64_t mapping = 0;
    uint64_t address = 0;
    ListSpan attributes;
    bool good = true;
    while (p < end && good) {
      const auto tag = static_cast<unsigned char>(*p++);
      if (tag == kAddress) {
        good = wire::ReadVarintAhead(p, address);
      } else if (tag == kLines) {
        good = line != last_line_ && DecodeLine(p, end, *line++);
      } else if (tag == kMappingIndex) {
        good = wire::ReadShortVarintAhead(p, mapping);
      } else if (tag == kPackedAttributes && attributes.count == 0) {
        const char* const list_end = p + 1 + static_cast<unsigned char>(*p);
        uint64_t attribute = 0;
        good = wire::ReadShortVarintAhead(++p, attribute) && p == list_end &&
               attribute < attribute_count_ && !attributes_[attribute].IsZero();
        attributes = {.begin = each_attribute_ + static_cast<uint32_t>(attribute), .count = 1};
      } else {
        good = false;
      }
    }
    if (!good || p != end || mapping >= mapping_count_) [[unlikely]]
      return false;
    *location_++ = {.mapping = {static_cast<uint32_t>(mapping)},
                    .address = address,
                    .lines = {.begin = static_cast<uint32_t>(line_ - first_line_),
                              .count = static_cast<uint32_t>(line - line_)},
                    .attributes = attributes};
    line_ = line;
    return true;
  }
  // Counts what was decoded.
  void Finish() {
    Buffer<IncomingLocation>& locations = columns_.locations.rows;
    locations.Extend(static_cast<size_t>(location_ - locations.end()));
    columns_.lines.Extend(static_cast<size_t>(line_ - columns_.lines.end()));
  }

 private:
  // Of a field of lines, its tag read.
  [[gnu::always_inline]] bool DecodeLine(const char*& p, const char* end,
                                         IncomingLine& line) const {
    static_assert(otlp::Line::function_index == 1 && otlp::Line::line == 2 &&
                  otlp::Line::column == 3);
    const auto size = static_cast<unsigned char>(*p++);  // above 127: the length goes on
    uint64_t function = 0;
    uint64_t number = 0;
    uint64_t column = 0;
    if (size >= 0x80 || size > end - p ||
        !wire::ReadVarintFieldsAhead({p, size}, function, number, column) ||
        function >= function_count_) {
      return false;
    }
    p += size;
    line.function = {static_cast<uint32_t>(function)};
    line.line = static_cast<int64_t>(number);
    line.column = static_cast<int64_t>(column);
    return true;
  }

  RequestColumns& columns_;
  const IncomingAttribute* attributes_;
  uint32_t attribute_count_;
  uint32_t each_attribute_;
  uint32_t function_count_;
  uint32_t mapping_count_;
  IncomingLocation* location_;
  IncomingLine* line_;
  const IncomingLine* first_line_;
  const IncomingLine* last_line_;  // behind the last there is room for
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
  // Nearly all locations carry one attribute, their frame type: these lists are there already.
  const auto each_attribute = static_cast<uint32_t>(columns.attribute_indices.size());
  for (uint32_t i = 0; i < columns.attributes.size(); ++i) columns.attribute_indices.Append(i);
  bool all_good =
      columns.functions.all_good() && columns.mappings.all_good() && columns.attributes.all_good();
  const auto begin = [&] {
    const size_t left = rows.size() - columns.locations.rows.size();
    return StraightRows(columns, each_attribute, left, decoder_.limits.max_elements);
  };
  std::optional<StraightRows> straight = begin();
  const bool ok = rows.All([&](std::string_view row) __attribute__((always_inline)) {
    if (all_good && decoder_.MayLookAhead(row.data() + row.size()) && straight->Decode(row))
        [[likely]] {
      return true;
    }
    straight->Finish();
    const bool taken = DecodeWithCare(row);
    all_good = all_good && columns.locations.all_good();
    straight.emplace(begin());
    return taken;
  });
  if (!ok) return false;
  straight->Finish();
  return decoder_.CountElements(columns.lines.size(), nullptr);
}

}  // namespace flameway
