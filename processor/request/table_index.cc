// SPDX-License-Identifier: Apache-2.0
#include "processor/request/table_index.h"

#include <algorithm>
#include <iterator>

#include "processor/request/dictionary.h"
#include "processor/request/straight_rows.h"
#include "proto/otlp/fields.h"

namespace flameway {
namespace {

bool MayAdd(Decoder& decoder, size_t rows_before, std::string_view row) {
  return decoder.CountElements(1, row.data()) &&
         (rows_before < decoder.limits.max_rows_per_table ||
          decoder.Fail(Reason::kTooManyElements, row.data()));
}

// All tables but the strings, by field number.
using Tables = TableRows* [8];
constexpr uint32_t kStrings = otlp::ProfilesDictionary::string_table;

// A run of rows with `tag`, of one byte, from `p`, which moves behind it: at most `room` rows, each
// given to `see`. Returns how many; `stop`: what stands there now is no good row, or one too many.
template <typename See>
size_t IndexRun(unsigned char tag, const char*& p, const char* end, size_t room, bool& stop,
                const See& see) {
  size_t count = 0;
  for (; wire::IsAt(p, end, tag); ++count) {
    const char* row = p + 1;
    uint64_t size;
    AskAhead<RowsToCome>(p);
    stop = count == room || wire::ReadVarint(row, end, size) != wire::VarintStatus::kOk ||
           size > static_cast<uint64_t>(end - row);
    if (stop) break;
    see(std::string_view(row, static_cast<size_t>(size)));
    p = row + size;
  }
  return count;
}

size_t IndexStrings(const char*& p, const char* end, size_t room, bool& stop,
                    Buffer<std::string_view>& strings) {
  constexpr size_t kAtOnce = 1024;
  std::string_view* to = strings.end();
  std::string_view* last = to;
  constexpr auto kTag = wire::OneByteTag(kStrings, wire::WireType::kBytes);
  const size_t count = IndexRun(kTag, p, end, room, stop, [&](std::string_view text) {
    if (to == last) [[unlikely]] {
      strings.Extend(static_cast<size_t>(to - strings.end()));
      to = strings.Reserve(kAtOnce);
      last = to + kAtOnce;
    }
    *to++ = text;
  });
  strings.Extend(static_cast<size_t>(to - strings.end()));
  return count;
}

// The straight way: rows of one table after the other, with tags of one byte. Returns what it
// stopped at, nothing at the end or when a limit refused the request. A fifth of the cost of
// reading them with care, one by one.
std::string_view IndexRuns(Decoder& decoder, std::string_view dictionary, const Tables& tables,
                           DictionaryDecoder& early) {
  Buffer<std::string_view>& strings = decoder.columns.strings.rows;
  const char* p = dictionary.data();
  const char* const end = p + dictionary.size();
  while (p < end) {
    const auto tag = static_cast<unsigned char>(*p);
    if ((tag & 7) != 2 || tag < 8 || tag > (7 << 3 | 2)) break;
    const uint32_t field = tag >> 3;
    const size_t rows = field == kStrings ? strings.size() : tables[field]->size();
    const size_t room = decoder.limits.max_rows_per_table -
                        std::min<size_t>(rows, decoder.limits.max_rows_per_table);
    const char* const begin = p;
    bool stop = false;
    size_t count = 0;
    if (field == kStrings) {
      count = IndexStrings(p, end, room, stop, strings);
    } else {
      if (rows == 0)
        count = early.DecodeEarly(field, p, end, std::min(room, decoder.elements_left()));
      count += IndexRun(tag, p, end, room - count, stop, [](std::string_view) {});
      tables[field]->Add(begin, p, 1, count);
    }
    if (!decoder.CountElements(count, p)) return {};
    if (stop) break;
  }
  return {p, static_cast<size_t>(end - p)};
}

bool IndexDictionary(Decoder& decoder, std::string_view dictionary, DictionaryDecoder& early,
                     TableIndex& index) {
  Buffer<std::string_view>& strings = decoder.columns.strings.rows;
  const Tables tables = {
      nullptr,      &index.mappings, &index.locations,  &index.functions,
      &index.links, nullptr,         &index.attributes, &index.stacks,
  };
  static_assert(
      otlp::ProfilesDictionary::mapping_table == 1 &&
      otlp::ProfilesDictionary::location_table == 2 &&
      otlp::ProfilesDictionary::function_table == 3 && otlp::ProfilesDictionary::link_table == 4 &&
      otlp::ProfilesDictionary::string_table == 5 &&
      otlp::ProfilesDictionary::attribute_table == 6 && otlp::ProfilesDictionary::stack_table == 7);
  while (true) {
    dictionary = IndexRuns(decoder, dictionary, tables, early);
    if (dictionary.empty()) return decoder.report.reason == Reason::kNone;
    // Something unusual, or damage: one field with care, then on.
    wire::Reader fields(dictionary);
    if (!fields.Next()) return decoder.Finish(fields);
    if (fields.field() >= std::size(tables)) {
      decoder.CountUnknownField();
    } else {
      TableRows* const rows = tables[fields.field()];
      std::string_view row;
      if (!decoder.TakeBytes(fields, row) ||
          !MayAdd(decoder, rows == nullptr ? strings.size() : rows->size(), row)) {
        return false;
      }
      if (rows == nullptr) {
        strings.Append(row);
      } else {
        const char* tag_end = dictionary.data();
        uint64_t tag;
        (void)wire::ReadVarint(tag_end, fields.position(), tag);
        rows->Add(dictionary.data(), fields.position(),
                  static_cast<size_t>(tag_end - dictionary.data()), 1);
      }
    }
    dictionary.remove_prefix(static_cast<size_t>(fields.position() - dictionary.data()));
  }
}

}  // namespace

void TableIndex::Clear() {
  for (TableRows* table : {&attributes, &functions, &mappings, &locations, &stacks, &links}) {
    table->Clear();
  }
  resource_profiles.clear();
}

size_t TableIndex::capacity_bytes() const {
  size_t bytes = resource_profiles.capacity() * sizeof(std::string_view);
  for (const TableRows* table : {&attributes, &functions, &mappings, &locations, &stacks, &links}) {
    bytes += table->capacity_bytes();
  }
  return bytes;
}

bool IndexTables(Decoder& decoder, DictionaryDecoder& early, TableIndex& index) {
  wire::Reader fields(decoder.bytes);
  while (fields.Next()) {
    switch (fields.field()) {
      case otlp::ExportProfilesServiceRequest::resource_profiles: {
        std::string_view row;
        if (!decoder.TakeBytes(fields, row) ||
            !MayAdd(decoder, index.resource_profiles.size(), row)) {
          return false;
        }
        index.resource_profiles.push_back(row);
        break;
      }
      case otlp::ExportProfilesServiceRequest::dictionary: {
        std::string_view dictionary;
        if (!decoder.TakeBytes(fields, dictionary)) return false;
        if (decoder.dictionary_seen) decoder.Repair(Reason::kDuplicateField);
        decoder.dictionary_seen = true;
        if (!IndexDictionary(decoder, dictionary, early, index)) return false;
        break;
      }
      default:
        decoder.CountUnknownField();
    }
  }
  return decoder.Finish(fields);
}

}  // namespace flameway
