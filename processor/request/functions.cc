// SPDX-License-Identifier: Apache-2.0
#include "processor/request/functions.h"

#include <algorithm>

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

uint64_t Word(int64_t value) { return static_cast<uint64_t>(value); }

// See straight_rows.h. It takes rows of less than 128 bytes whose strings `Strings` has.
template <typename Strings>
class StraightFunctions {
 public:
  // There is room for `most_rows`. `last_end`: of a row behind which reads may look ahead.
  StraightFunctions(RequestColumns& columns, Strings& strings, size_t most_rows,
                    const char* last_end)
      : columns_(columns),
        strings_(strings),
        rows_(columns.functions.rows.Reserve(most_rows)),
        rows_end_(rows_ + most_rows),
        last_end_(last_end) {}

  template <typename Varints, wire::FieldOrder order>
  [[gnu::always_inline]] const char* Decode(const char* p, const char* end) {
    static_assert(otlp::Function::name_strindex == 1 && otlp::Function::system_name_strindex == 2 &&
                  otlp::Function::filename_strindex == 3 && otlp::Function::start_line == 4);
    constexpr auto kTag =
        wire::OneByteTag(otlp::ProfilesDictionary::function_table, wire::WireType::kBytes);
    Strings strings = strings_;
    IncomingFunction* to = rows_;
    while (wire::IsAt(p, end, kTag) && to != rows_end_) {
      AskAhead<Strings>(p);
      const auto size = static_cast<unsigned char>(p[1]);
      const char* const row_end = p + 2 + size;
      uint64_t name = 0;
      uint64_t system_name = 0;
      uint64_t filename = 0;
      uint64_t start_line = 0;
      if (size >= 0x80 || row_end > last_end_ ||
          !wire::TakeVarintFields<Varints, order>(p + 2, row_end, start_line, filename, system_name,
                                                  name) ||
          !strings.Have(std::max({name, system_name, filename}))) {
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
    strings_ = strings;
    rows_ = to;
    return p;
  }

 private:
  RequestColumns& columns_;
  Strings& strings_;
  IncomingFunction* rows_;
  IncomingFunction* rows_end_;
  const char* last_end_;
};

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

}  // namespace

// The slow twin, for any legal form and for what is wrong.
bool FunctionDecoder::DecodeWithCare(std::string_view row) {
  Column<IncomingFunction>& column = decoder_.columns.functions;
  uint64_t values[5] = {};
  if (!WalkFunction(decoder_, row, values)) return false;
  Reason reason = Reason::kNone;
  const auto string = [&](uint32_t field) {
    return decoder_.ReferString(static_cast<int32_t>(values[field]), reason);
  };
  IncomingFunction& function = column.rows.Append();
  function.name = string(otlp::Function::name_strindex);
  function.system_name = string(otlp::Function::system_name_strindex);
  function.filename = string(otlp::Function::filename_strindex);
  function.start_line = static_cast<int64_t>(values[otlp::Function::start_line]);
  column.Close(reason);
  return true;
}

size_t FunctionDecoder::DecodeEarly(const char*& p, const char* end, size_t most_rows) {
  RequestColumns& columns = decoder_.columns;
  early_.begin = p;
  end = std::min(end, decoder_.last_look_ahead());
  const char* before;
  do {
    before = p;
    const size_t rows_left = most_rows - columns.functions.rows.size();
    p = DecodeStraight(
        StraightFunctions(columns, early_strings_, std::min(rows_left, EarlyRows::kAtOnce), end), p,
        end, decoder_.instructions);
  } while (p != before);
  early_.end = p;
  return columns.functions.rows.size();
}

bool FunctionDecoder::Decode(const TableRows& rows) {
  RequestColumns& columns = decoder_.columns;
  if (rows.empty()) return DecodeWithCare({});
  // Straight where all strings are good, and no other way to say "empty" is among them.
  RowsThere strings{columns.strings.size()};
  const bool may_be_straight = columns.strings.all_good() && !decoder_.empty_strings;
  const bool early_is_good = may_be_straight && strings.Have(early_strings_.highest);
  if (!early_is_good) columns.functions.rows.Clear();
  columns.functions.Reserve(rows.size() - columns.functions.rows.size());
  const auto straight = [&](const char* p, const char* end) {
    if (p == early_.begin && early_is_good) p = early_.end;
    if (!may_be_straight || !columns.functions.all_good()) return p;
    return DecodeStraight(
        StraightFunctions(columns, strings, rows.size() - columns.functions.rows.size(),
                          decoder_.last_look_ahead()),
        p, end, decoder_.instructions);
  };
  return rows.All(straight, [&](std::string_view row) { return DecodeWithCare(row); });
}

}  // namespace flameway
