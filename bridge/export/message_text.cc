// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/message_text.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "bridge/export/message_tables.h"
#include "bridge/export/row_text.h"
#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

using Table = MessageTables::Table;
using Verbosity = DebugExporterOptions::Verbosity;
using wire::Reader;
using wire::ReadError;
using wire::WireType;

std::string TimeText(uint64_t unix_nano) {
  if (unix_nano > INT64_MAX) return std::to_string(unix_nano);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E9SZ",
                          absl::FromUnixNanos(static_cast<int64_t>(unix_nano)),
                          absl::UTCTimeZone());
}

class Printer {
 public:
  Printer(std::string_view message, Verbosity verbosity)
      : message_(message), verbosity_(verbosity) {}

  std::string Print();

 private:
  struct Counts {
    size_t resources = 0;
    size_t profiles = 0;
    size_t samples = 0;
  };

  // Every loop over input asks this: all that is printed takes room, all that is looked up takes
  // budget.
  [[nodiscard]] bool full() const {
    return text_.size() >= RowText::kMostText || tables_.exhausted();
  }
  void Line(int indent, std::string_view text) {
    if (full()) return;
    text_.append(static_cast<size_t>(indent) * 2, ' ').append(text).push_back('\n');
  }
  void Check(const Reader& fields, int indent) {
    if (fields.error() != ReadError::kNone) Line(indent, "(damaged here)");
  }

  Counts Count() const;
  void PrintResource(size_t number, std::string_view resource_profiles);
  void PrintScope(size_t number, std::string_view scope_profiles);
  void PrintProfile(size_t number, std::string_view profile);
  void PrintSample(size_t number, std::string_view sample);
  void PrintStack(uint64_t index);
  void PrintLocation(uint64_t index);

  const std::string_view message_;
  const Verbosity verbosity_;
  MessageTables tables_;
  RowText rows_{&tables_};
  std::string text_;
};

std::string Printer::Print() {
  bool whole = true;
  Reader fields(message_);
  while (fields.Next()) {
    if (fields.field() == otlp::ExportProfilesServiceRequest::dictionary &&
        fields.type() == WireType::kBytes) {
      whole &= tables_.Add(fields.bytes());
    }
  }
  whole &= fields.error() == ReadError::kNone;
  const Counts counts = Count();
  Line(0,
       absl::StrFormat("resource profiles: %d, profiles: %d, samples: %d, stacks: %d, "
                       "locations: %d, functions: %d, mappings: %d, strings: %d, bytes: %d%s",
                       counts.resources, counts.profiles, counts.samples,
                       tables_.size(Table::kStack), tables_.size(Table::kLocation),
                       tables_.size(Table::kFunction), tables_.size(Table::kMapping),
                       tables_.size(Table::kString), message_.size(), whole ? "" : " (damaged)"));
  if (verbosity_ == Verbosity::kBasic) return text_;
  size_t number = 0;
  Reader again(message_);
  while (again.Next() && !full()) {
    if (again.field() == otlp::ExportProfilesServiceRequest::resource_profiles &&
        again.type() == WireType::kBytes) {
      PrintResource(number++, again.bytes());
    }
  }
  if (full()) text_ += "(cut here: too much to print)\n";
  return text_;
}

Printer::Counts Printer::Count() const {
  Counts counts;
  Reader resources(message_);
  while (resources.Next()) {
    if (resources.field() != otlp::ExportProfilesServiceRequest::resource_profiles ||
        resources.type() != WireType::kBytes) {
      continue;
    }
    ++counts.resources;
    Reader scopes(resources.bytes());
    while (scopes.Next()) {
      if (scopes.field() != otlp::ResourceProfiles::scope_profiles ||
          scopes.type() != WireType::kBytes) {
        continue;
      }
      Reader profiles(scopes.bytes());
      while (profiles.Next()) {
        if (profiles.field() != otlp::ScopeProfiles::profiles ||
            profiles.type() != WireType::kBytes) {
          continue;
        }
        ++counts.profiles;
        Reader samples(profiles.bytes());
        while (samples.Next()) {
          if (samples.field() == otlp::Profile::samples && samples.type() == WireType::kBytes) {
            ++counts.samples;
          }
        }
      }
    }
  }
  return counts;
}

void Printer::PrintResource(size_t number, std::string_view resource_profiles) {
  std::string schema_url;
  std::string attributes;
  Reader fields(resource_profiles);
  while (fields.Next()) {
    if (fields.type() != WireType::kBytes) continue;
    if (fields.field() == otlp::ResourceProfiles::schema_url) {
      schema_url = absl::StrCat(" schema_url=", EscapedText(fields.bytes()));
    } else if (fields.field() == otlp::ResourceProfiles::resource) {
      Reader resource(fields.bytes());
      while (resource.Next() && attributes.size() < RowText::kMostText) {
        if (resource.field() == otlp::Resource::attributes && resource.type() == WireType::kBytes) {
          absl::StrAppend(&attributes, " ", rows_.KeyValue(resource.bytes()));
        }
      }
    }
  }
  Line(0, absl::StrFormat("ResourceProfiles #%d%s%s", number, schema_url, attributes));
  Check(fields, 0);
  size_t scope = 0;
  Reader again(resource_profiles);
  while (again.Next() && !full()) {
    if (again.field() == otlp::ResourceProfiles::scope_profiles &&
        again.type() == WireType::kBytes) {
      PrintScope(scope++, again.bytes());
    }
  }
}

void Printer::PrintScope(size_t number, std::string_view scope_profiles) {
  std::string heading;
  Reader fields(scope_profiles);
  while (fields.Next()) {
    if (fields.type() != WireType::kBytes) continue;
    if (fields.field() == otlp::ScopeProfiles::schema_url) {
      absl::StrAppend(&heading, " schema_url=", EscapedText(fields.bytes()));
    } else if (fields.field() == otlp::ScopeProfiles::scope) {
      Reader scope(fields.bytes());
      while (scope.Next() && heading.size() < RowText::kMostText) {
        if (scope.type() != WireType::kBytes) continue;
        if (scope.field() == otlp::InstrumentationScope::name) {
          absl::StrAppend(&heading, " ", EscapedText(scope.bytes()));
        } else if (scope.field() == otlp::InstrumentationScope::version) {
          absl::StrAppend(&heading, "@", EscapedText(scope.bytes()));
        } else if (scope.field() == otlp::InstrumentationScope::attributes) {
          absl::StrAppend(&heading, " ", rows_.KeyValue(scope.bytes()));
        }
      }
    }
  }
  Line(1, absl::StrFormat("ScopeProfiles #%d%s", number, heading));
  Check(fields, 1);
  size_t profile = 0;
  Reader again(scope_profiles);
  while (again.Next() && !full()) {
    if (again.field() == otlp::ScopeProfiles::profiles && again.type() == WireType::kBytes) {
      PrintProfile(profile++, again.bytes());
    }
  }
}

void Printer::PrintProfile(size_t number, std::string_view profile) {
  std::string heading;
  size_t samples = 0;
  Reader fields(profile);
  while (fields.Next() && heading.size() < RowText::kMostText) {
    const uint32_t field = fields.field();
    if (fields.type() == WireType::kBytes && field == otlp::Profile::samples) {
      ++samples;
    } else if (fields.type() == WireType::kBytes && field == otlp::Profile::sample_type) {
      absl::StrAppend(&heading, " type=", rows_.ValueType(fields.bytes()));
    } else if (fields.type() == WireType::kBytes && field == otlp::Profile::period_type) {
      absl::StrAppend(&heading, " period_type=", rows_.ValueType(fields.bytes()));
    } else if (fields.type() == WireType::kBytes && field == otlp::Profile::profile_id) {
      if (!fields.bytes().empty()) absl::StrAppend(&heading, " id=", HexText(fields.bytes()));
    } else if (fields.type() == WireType::kBytes &&
               field == otlp::Profile::original_payload_format) {
      absl::StrAppend(&heading, " payload_format=", EscapedText(fields.bytes()));
    } else if (fields.type() == WireType::kBytes && field == otlp::Profile::original_payload) {
      heading += absl::StrFormat(" payload=%d bytes", fields.bytes().size());
    } else if (fields.type() == WireType::kFixed64 && field == otlp::Profile::time_unix_nano) {
      absl::StrAppend(&heading, " time=", TimeText(fields.value()));
    } else if (fields.type() == WireType::kVarint && field == otlp::Profile::duration_nano) {
      heading += absl::StrFormat(" duration=%dns", fields.value());
    } else if (fields.type() == WireType::kVarint && field == otlp::Profile::period) {
      heading += absl::StrFormat(" period=%d", static_cast<int64_t>(fields.value()));
    } else if (field == otlp::Profile::attribute_indices) {
      heading += rows_.Attributes(fields);
    }
  }
  Line(2, absl::StrFormat("Profile #%d samples=%d%s", number, samples, heading));
  Check(fields, 2);
  if (verbosity_ != Verbosity::kDetailed) return;
  size_t sample = 0;
  Reader again(profile);
  while (again.Next() && !full()) {
    if (again.field() == otlp::Profile::samples && again.type() == WireType::kBytes) {
      PrintSample(sample++, again.bytes());
    }
  }
}

void Printer::PrintSample(size_t number, std::string_view sample) {
  std::string values;
  std::string timestamps;
  std::string rest;
  uint64_t stack = 0;
  Reader fields(sample);
  while (fields.Next() && !full()) {
    const uint32_t field = fields.field();
    bool whole = true;
    if (field == otlp::Sample::stack_index && fields.type() == WireType::kVarint) {
      stack = fields.value();
    } else if (field == otlp::Sample::link_index && fields.type() == WireType::kVarint) {
      if (fields.value() != 0) rest += rows_.LinkText(fields.value());
    } else if (field == otlp::Sample::attribute_indices) {
      rest += rows_.Attributes(fields);
    } else if (field == otlp::Sample::values) {
      whole = EachVarint(fields, [&](uint64_t value) {
        absl::StrAppend(&values, " ", std::to_string(static_cast<int64_t>(value)));
        return values.size() < RowText::kMostText;
      });
    } else if (field == otlp::Sample::timestamps_unix_nano) {
      whole = EachFixed64(fields, [&](uint64_t time) {
        absl::StrAppend(&timestamps, " ", TimeText(time));
        return timestamps.size() < RowText::kMostText;
      });
    }
    if (!whole) rest += " (damaged list)";
    if (values.size() + timestamps.size() + rest.size() >= RowText::kMostText) break;
  }
  std::string line = absl::StrFormat("Sample #%d", number);
  if (!values.empty()) absl::StrAppend(&line, " values:", values);
  if (!timestamps.empty()) absl::StrAppend(&line, " timestamps:", timestamps);
  Line(3, line + rest);
  Check(fields, 3);
  PrintStack(stack);
}

void Printer::PrintStack(uint64_t index) {
  const auto row = tables_.Row(Table::kStack, index);
  if (!row.has_value()) {
    if (index != 0) Line(4, absl::StrFormat("(no stack %d)", index));
    return;
  }
  Reader fields(*row);
  while (fields.Next() && !full()) {
    if (fields.field() != otlp::Stack::location_indices) continue;
    const bool whole = EachVarint(fields, [&](uint64_t location) {
      PrintLocation(location);
      return !full();
    });
    if (!whole) Line(4, "(damaged list)");
  }
  Check(fields, 4);
}

void Printer::PrintLocation(uint64_t index) {
  const auto row = tables_.Row(Table::kLocation, index);
  if (!row.has_value()) return Line(4, absl::StrFormat("(no location %d)", index));
  std::vector<std::string_view> lines;
  std::string place;
  std::string attributes;
  Reader fields(*row);
  while (fields.Next() && attributes.size() < RowText::kMostText) {
    if (fields.field() == otlp::Location::mapping_index && fields.type() == WireType::kVarint) {
      if (fields.value() != 0) absl::StrAppend(&place, " ", rows_.MappingText(fields.value()));
    } else if (fields.field() == otlp::Location::address && fields.type() == WireType::kVarint) {
      place += absl::StrFormat(" 0x%x", fields.value());
    } else if (fields.field() == otlp::Location::lines && fields.type() == WireType::kBytes) {
      lines.push_back(fields.bytes());
    } else if (fields.field() == otlp::Location::attribute_indices) {
      attributes += rows_.Attributes(fields);
    }
  }
  if (lines.empty()) Line(4, absl::StrCat("?", place, attributes));
  for (size_t i = 0; i < lines.size() && !full(); ++i) {
    const bool inlined = i + 1 < lines.size();
    Line(4, rows_.LineText(lines[i]) + (inlined ? " (inlined)" : absl::StrCat(place, attributes)));
  }
  Check(fields, 4);
}

}  // namespace

std::string DescribeRequest(std::string_view message, DebugExporterOptions::Verbosity verbosity) {
  return Printer(message, verbosity).Print();
}

}  // namespace flameway
