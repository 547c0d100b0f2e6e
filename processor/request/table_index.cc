// SPDX-License-Identifier: Apache-2.0
#include "processor/request/table_index.h"

#include <algorithm>
#include <iterator>

#include "proto/otlp/fields.h"

namespace flameway {
namespace {

// Tables by field number.
using Tables = TableRows* [8];

bool MayAdd(Decoder& decoder, size_t rows_before, std::string_view row) {
  return decoder.CountElements(1, row.data()) &&
         (rows_before < decoder.limits.max_rows_per_table ||
          decoder.Fail(Reason::kTooManyElements, row.data()));
}

// The straight way: rows of one table after the other, with tags of one byte. Returns what it
// stopped at, nothing at the end or when a limit refused the request. A fifth of the cost of
// reading them with care, one by one.
std::string_view IndexRuns(Decoder& decoder, std::string_view dictionary, const Tables& tables) {
  // The first look at these bytes: they are asked for ahead, as no machine does across pages (4 %
  // of decoding what does not lie in a cache).
  constexpr size_t kAhead = 1024;
  const char* p = dictionary.data();
  const char* const end = p + dictionary.size();
  while (p < end) {
    const auto tag = static_cast<unsigned char>(*p);
    if ((tag & 7) != 2 || tag < 8 || tag > (7 << 3 | 2)) break;
    TableRows& rows = *tables[tag >> 3];
    const size_t room = decoder.limits.max_rows_per_table -
                        std::min<size_t>(rows.size(), decoder.limits.max_rows_per_table);
    const char* const begin = p;
    size_t count = 0;
    bool stop = false;
    for (; p < end && static_cast<unsigned char>(*p) == tag; ++count) {
      const char* row = p + 1;
      uint64_t size;
      __builtin_prefetch(p + kAhead);
      stop = count == room || wire::ReadVarint(row, end, size) != wire::VarintStatus::kOk ||
             size > static_cast<uint64_t>(end - row);
      if (stop) break;
      p = row + size;
    }
    rows.Add(begin, p, 1, count);
    if (!decoder.CountElements(count, p)) return {};
    if (stop) break;
  }
  return {p, static_cast<size_t>(end - p)};
}

bool IndexDictionary(Decoder& decoder, std::string_view dictionary, TableIndex& index) {
  const Tables tables = {
      nullptr,      &index.mappings, &index.locations,  &index.functions,
      &index.links, &index.strings,  &index.attributes, &index.stacks,
  };
  static_assert(
      otlp::ProfilesDictionary::mapping_table == 1 &&
      otlp::ProfilesDictionary::location_table == 2 &&
      otlp::ProfilesDictionary::function_table == 3 && otlp::ProfilesDictionary::link_table == 4 &&
      otlp::ProfilesDictionary::string_table == 5 &&
      otlp::ProfilesDictionary::attribute_table == 6 && otlp::ProfilesDictionary::stack_table == 7);
  while (true) {
    dictionary = IndexRuns(decoder, dictionary, tables);
    if (dictionary.empty()) return decoder.report.reason == Reason::kNone;
    // Something unusual, or damage: one field with care, then on.
    wire::Reader fields(dictionary);
    if (!fields.Next()) return decoder.Finish(fields);
    if (fields.field() >= std::size(tables)) {
      decoder.CountUnknownField();
    } else {
      TableRows& rows = *tables[fields.field()];
      std::string_view row;
      if (!decoder.TakeBytes(fields, row) || !MayAdd(decoder, rows.size(), row)) return false;
      const char* tag_end = dictionary.data();
      uint64_t tag;
      (void)wire::ReadVarint(tag_end, fields.position(), tag);
      rows.Add(dictionary.data(), fields.position(),
               static_cast<size_t>(tag_end - dictionary.data()), 1);
    }
    dictionary.remove_prefix(static_cast<size_t>(fields.position() - dictionary.data()));
  }
}

}  // namespace

void TableIndex::Clear() {
  for (TableRows* table :
       {&strings, &attributes, &functions, &mappings, &locations, &stacks, &links}) {
    table->Clear();
  }
  resource_profiles.clear();
}

size_t TableIndex::capacity_bytes() const {
  size_t bytes = resource_profiles.capacity() * sizeof(std::string_view);
  for (const TableRows* table :
       {&strings, &attributes, &functions, &mappings, &locations, &stacks, &links}) {
    bytes += table->capacity_bytes();
  }
  return bytes;
}

bool IndexTables(Decoder& decoder, TableIndex& index) {
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
        if (!IndexDictionary(decoder, dictionary, index)) return false;
        break;
      }
      default:
        decoder.CountUnknownField();
    }
  }
  return decoder.Finish(fields);
}

}  // namespace flameway
