// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/message_stats.h"

#include <algorithm>
#include <iterator>

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

using wire::Reader;
using wire::ReadError;
using wire::WireType;

// One walk over one message. Each visit of a nested message moves that message's bytes from its
// parent's table to tables of its own, so that the sums stay exact.
class Walk {
 public:
  Walk(Dialect dialect, MessageStats* stats)
      : numbering_(otlp::SampleNumbering(dialect)), stats_(stats) {}

  bool Request(std::string_view message) {
    Reader fields(message);
    const char* start = message.data();
    while (fields.Next()) {
      const uint64_t size = SizeSince(&start, fields);
      if (IsMessage(fields, otlp::ExportProfilesServiceRequest::resource_profiles)) {
        Count(StatsTable::kResources, 1, size);
        ResourceProfiles(fields.bytes());
      } else if (IsMessage(fields, otlp::ExportProfilesServiceRequest::dictionary)) {
        Count(StatsTable::kOther, 0, size);
        Dictionary(fields.bytes());
      } else {
        Count(StatsTable::kOther, 0, size);
      }
    }
    // What a damaged field leaves over.
    Count(StatsTable::kOther, 0, static_cast<uint64_t>(message.data() + message.size() - start));
    Check(fields);
    return intact_;
  }

 private:
  static bool IsMessage(const Reader& fields, uint32_t field) {
    return fields.field() == field && fields.type() == WireType::kBytes;
  }
  static uint64_t SizeSince(const char** start, const Reader& fields) {
    const auto size = static_cast<uint64_t>(fields.position() - *start);
    *start = fields.position();
    return size;
  }
  MessageStats::Table& At(StatsTable table) { return stats_->tables[static_cast<size_t>(table)]; }
  void Count(StatsTable table, uint64_t rows, uint64_t bytes) {
    At(table).rows += rows;
    At(table).bytes += bytes;
  }
  void Move(StatsTable from, StatsTable to, uint64_t bytes) {
    At(from).bytes -= bytes;
    Count(to, 1, bytes);
  }
  void Check(const Reader& fields) { intact_ = intact_ && fields.error() == ReadError::kNone; }

  void Dictionary(std::string_view message) {
    static constexpr StatsTable kTableOfField[] = {
        StatsTable::kOther, StatsTable::kMappings, StatsTable::kLocations,  StatsTable::kFunctions,
        StatsTable::kLinks, StatsTable::kStrings,  StatsTable::kAttributes, StatsTable::kStacks};
    static_assert(otlp::ProfilesDictionary::stack_table == std::size(kTableOfField) - 1);
    Reader fields(message);
    const char* start = message.data();
    while (fields.Next()) {
      const uint64_t size = SizeSince(&start, fields);
      if (fields.type() != WireType::kBytes || fields.field() == 0 ||
          fields.field() >= std::size(kTableOfField)) {
        continue;
      }
      Move(StatsTable::kOther, kTableOfField[fields.field()], size);
    }
    Check(fields);
  }

  void ResourceProfiles(std::string_view message) {
    Reader fields(message);
    const char* start = message.data();
    while (fields.Next()) {
      const uint64_t size = SizeSince(&start, fields);
      if (!IsMessage(fields, otlp::ResourceProfiles::scope_profiles)) continue;
      Move(StatsTable::kResources, StatsTable::kScopes, size);
      ScopeProfiles(fields.bytes());
    }
    Check(fields);
  }

  void ScopeProfiles(std::string_view message) {
    Reader fields(message);
    const char* start = message.data();
    while (fields.Next()) {
      const uint64_t size = SizeSince(&start, fields);
      if (!IsMessage(fields, otlp::ScopeProfiles::profiles)) continue;
      Move(StatsTable::kScopes, StatsTable::kProfiles, size);
      Profile(fields.bytes());
    }
    Check(fields);
  }

  void Profile(std::string_view message) {
    Reader fields(message);
    const char* start = message.data();
    while (fields.Next()) {
      const uint64_t size = SizeSince(&start, fields);
      if (!IsMessage(fields, otlp::Profile::samples)) continue;
      Move(StatsTable::kProfiles, StatsTable::kSamples, size);
      Sample(fields.bytes());
    }
    Check(fields);
  }

  // Both lists come packed or not, and in any mix.
  void Sample(std::string_view message) {
    Reader fields(message);
    while (fields.Next()) {
      const uint32_t field =
          fields.field() < otlp::kNumberingSize ? numbering_[fields.field()] : otlp::kUnknownField;
      const bool packed = fields.type() == WireType::kBytes;
      if (field == otlp::Sample::values) {
        stats_->values += packed ? VarintsIn(fields.bytes()) : 1;
      } else if (field == otlp::Sample::timestamps_unix_nano) {
        stats_->timestamps += packed ? fields.bytes().size() / sizeof(uint64_t) : 1;
      }
    }
    Check(fields);
  }

  static uint64_t VarintsIn(std::string_view packed) {
    return static_cast<uint64_t>(std::count_if(
        packed.begin(), packed.end(), [](char c) { return static_cast<signed char>(c) >= 0; }));
  }

  const otlp::Numbering& numbering_;
  MessageStats* stats_;
  bool intact_ = true;
};

}  // namespace

std::string_view StatsTableName(StatsTable table) {
  constexpr std::string_view kNames[] = {"strings",  "functions",  "mappings",  "locations",
                                         "stacks",   "attributes", "links",     "samples",
                                         "profiles", "scopes",     "resources", "other"};
  static_assert(std::size(kNames) == kStatsTableCount);
  return kNames[static_cast<size_t>(table)];
}

void MessageStats::Add(std::string_view message, Dialect dialect) {
  ++messages;
  bytes += message.size();
  if (!Walk(dialect, this).Request(message)) ++damaged;
}

}  // namespace flameway
