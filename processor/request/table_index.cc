// SPDX-License-Identifier: Apache-2.0
#include "processor/request/table_index.h"

#include <algorithm>
#include <iterator>

#include "proto/otlp/fields.h"

namespace flameway {
namespace {

bool AddRow(Decoder& decoder, const wire::Reader& fields, std::vector<std::string_view>& rows) {
  std::string_view row;
  if (!decoder.TakeBytes(fields, row) || !decoder.CountElements(1, row.data())) return false;
  if (rows.size() >= decoder.limits.max_rows_per_table) {
    return decoder.Fail(Reason::kTooManyElements, row.data());
  }
  rows.push_back(row);
  return true;
}

// The straight way: rows of one table after the other, with tags of one byte. Returns what it
// stopped at, nothing at the end or when a limit refused the request. A fifth of the cost of
// AddRow, which does the rest.
std::string_view IndexRuns(Decoder& decoder, std::string_view dictionary,
                           std::vector<std::string_view>* const (&tables)[8]) {
  const char* p = dictionary.data();
  const char* const end = p + dictionary.size();
  while (p < end) {
    const auto tag = static_cast<unsigned char>(*p);
    if ((tag & 7) != 2 || tag < 8 || tag > (7 << 3 | 2)) break;
    std::vector<std::string_view>& rows = *tables[tag >> 3];
    const size_t before = rows.size();
    const size_t room = decoder.limits.max_rows_per_table -
                        std::min<size_t>(before, decoder.limits.max_rows_per_table);
    bool stop = false;
    for (size_t i = 0; p < end && static_cast<unsigned char>(*p) == tag; ++i) {
      const char* row = p + 1;
      uint64_t size;
      __builtin_prefetch(p + 1024);
      stop = i == room || wire::ReadVarint(row, end, size) != wire::VarintStatus::kOk ||
             size > static_cast<uint64_t>(end - row);
      if (stop) break;
      rows.emplace_back(row, static_cast<size_t>(size));
      p = row + size;
    }
    if (!decoder.CountElements(rows.size() - before, p)) return {};
    if (stop) break;
  }
  return {p, static_cast<size_t>(end - p)};
}

bool IndexDictionary(Decoder& decoder, std::string_view dictionary, TableIndex& index) {
  std::vector<std::string_view>* const tables[] = {
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
    } else if (!AddRow(decoder, fields, *tables[fields.field()])) {
      return false;
    }
    dictionary.remove_prefix(static_cast<size_t>(fields.position() - dictionary.data()));
  }
}

}  // namespace

void TableIndex::Clear() {
  for (auto* table : {&strings, &attributes, &functions, &mappings, &locations, &stacks, &links,
                      &resource_profiles}) {
    table->clear();
  }
}

size_t TableIndex::capacity_bytes() const {
  size_t rows = 0;
  for (const auto* table : {&strings, &attributes, &functions, &mappings, &locations, &stacks,
                            &links, &resource_profiles}) {
    rows += table->capacity();
  }
  return rows * sizeof(std::string_view);
}

bool IndexTables(Decoder& decoder, TableIndex& index) {
  wire::Reader fields(decoder.bytes);
  while (fields.Next()) {
    switch (fields.field()) {
      case otlp::ExportProfilesServiceRequest::resource_profiles:
        if (!AddRow(decoder, fields, index.resource_profiles)) return false;
        break;
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
