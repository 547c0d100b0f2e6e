// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/otlp/dialect.h"

namespace flameway {

// Where the bytes of export requests go.
enum class StatsTable : uint8_t {
  kStrings,
  kFunctions,
  kMappings,
  kLocations,
  kStacks,
  kAttributes,
  kLinks,
  kSamples,    // rows: samples
  kProfiles,   // rows: profiles; bytes: without their samples
  kScopes,     // rows: scope_profiles; bytes: without their profiles
  kResources,  // rows: resource_profiles; bytes: without their scopes
  kOther,      // the envelope: tags and lengths of the dictionary, unknown fields
};
inline constexpr size_t kStatsTableCount = static_cast<size_t>(StatsTable::kOther) + 1;
[[nodiscard]] std::string_view StatsTableName(StatsTable table);  // "strings"

// Counts by a walk over the wire: no index is followed, nothing is judged, so that a message that
// the gateway would refuse can be counted too. The bytes of all tables sum to `bytes`.
struct MessageStats {
  struct Table {
    uint64_t rows = 0;
    uint64_t bytes = 0;  // tags and lengths included
    friend bool operator==(const Table&, const Table&) = default;
  };
  uint64_t messages = 0;
  uint64_t bytes = 0;
  uint64_t values = 0;
  uint64_t timestamps = 0;
  uint64_t damaged = 0;  // messages whose walk ended early; what came before is counted
  std::array<Table, kStatsTableCount> tables{};

  [[nodiscard]] const Table& table(StatsTable name) const {
    return tables[static_cast<size_t>(name)];
  }
  // Adds one message. `dialect` says which fields of a sample hold what. Linear, allocates nothing.
  void Add(std::string_view message, Dialect dialect);
};

}  // namespace flameway
