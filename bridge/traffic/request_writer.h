// SPDX-License-Identifier: Apache-2.0
// One export request in the making, written as the Collector's pdata writes it:
//
//   request        := dictionary(2) resource_profiles(1)*
//   dictionary     := stack(7)* attribute(6)* string(5)* link(4)* function(3)* location(2)*
//                     mapping(1)*
//
// that is, fields in descending number, each table one run, lists packed, row 0 the null row.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace flameway {

using AttributeValue = std::variant<std::string_view, int64_t>;

// Rows are numbered in the order of their first use; equal rows are one row. One thread.
class RequestWriter {
 public:
  using Row = uint32_t;

  struct MappingRow {
    uint64_t memory_start = 0;
    uint64_t memory_limit = 0;
    uint64_t file_offset = 0;
    std::string_view filename;
    std::span<const Row> attributes;
  };
  struct LocationRow {
    Row mapping = 0;
    uint64_t address = 0;
    Row function = 0;  // 0: the frame has no line
    int64_t line = 0;
    Row frame_type = 0;  // an attribute
  };
  struct Sample {
    Row stack = 0;
    std::array<Row, 3> attributes{};  // 0s are left out
    Row link = 0;
    std::span<const int64_t> values;
    std::span<const uint64_t> timestamps;
  };
  struct Profile {
    Row sample_type = 0;  // strings
    Row sample_unit = 0;
    Row period_type = 0;
    Row period_unit = 0;
    int64_t period = 0;
    uint64_t time_unix_nano = 0;
    uint64_t duration_nano = 0;
  };
  struct Scope {
    std::string_view name;
    std::string_view version;
  };

  RequestWriter();

  Row String(std::string_view text);
  Row Attribute(std::string_view key, AttributeValue value);
  Row Function(std::string_view name, std::string_view filename);
  Row Mapping(const MappingRow& mapping);
  Row Location(const LocationRow& location);
  Row Stack(std::span<const Row> locations);  // leaf first
  Row Link(std::string_view trace_id, std::string_view span_id);

  // A resource with one scope and one profile: samples first, then the rest.
  void AddSample(const Sample& sample);
  void EndResource(std::span<const std::pair<std::string_view, AttributeValue>> resource,
                   const Scope& scope, const Profile& profile, std::string_view schema_url);

  // The bytes; the writer is empty afterwards and may be used again.
  [[nodiscard]] std::string Finish();

 private:
  // The rows of one table as they go out, and their numbers by content.
  struct Table {
    absl::flat_hash_map<std::string, Row> rows;
    std::string bytes;
    uint32_t field = 0;
    Row Add(std::string_view row);
  };
  void Begin();

  Table mappings_, locations_, functions_, links_, strings_, attributes_, stacks_;
  std::string samples_;
  std::string resources_;
  std::string row_;  // scratch
};

// An AnyValue, and a KeyValue with it.
[[nodiscard]] std::string EncodeAnyValue(const AttributeValue& value);
[[nodiscard]] std::string EncodeKeyValue(std::string_view key, const AttributeValue& value);

}  // namespace flameway
