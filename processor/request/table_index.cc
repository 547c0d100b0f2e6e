// SPDX-License-Identifier: Apache-2.0
#include "processor/request/table_index.h"

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
  wire::Reader fields(dictionary);
  while (fields.Next()) {
    if (fields.field() >= std::size(tables)) {
      decoder.CountUnknownField();
    } else if (!AddRow(decoder, fields, *tables[fields.field()])) {
      return false;
    }
  }
  return decoder.Finish(fields);
}

}  // namespace

void TableIndex::Clear() {
  for (auto* table : {&strings, &attributes, &functions, &mappings, &locations, &stacks, &links,
                      &resource_profiles}) {
    table->clear();
  }
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
