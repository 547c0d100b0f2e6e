// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flameway {

// The three encodings that share one package and path. 1.11 reads like 1.10. Older ones are
// refused.
enum class Dialect : uint8_t { kV1_8, kV1_9, kV1_10 };

[[nodiscard]] constexpr std::string_view DialectName(Dialect dialect) {
  constexpr std::string_view kNames[] = {"1.8", "1.9", "1.10"};
  return kNames[static_cast<uint8_t>(dialect)];
}

namespace otlp {

// Field numbers of one dialect as the 1.10 numbers of fields.def: numbering[wire field] is the 1.10
// field. Fields at or past the end are unknown in every dialect. What a dialect has and 1.10 has
// not maps to one of these.
inline constexpr uint8_t kUnknownField = 0;
inline constexpr uint8_t kLegacyField = 255;  // 1.8 only: comments, aggregation temporality
inline constexpr size_t kNumberingSize = 16;
using Numbering = std::array<uint8_t, kNumberingSize>;

// Sample: 1.10 swapped values, attributes and link (opentelemetry-proto pull request 724).
inline constexpr Numbering kSampleNumbering = {0, 1, 2, 3, 4, 5};
inline constexpr Numbering kOldSampleNumbering = {0, 1, 4, 2, 3, 5};
[[nodiscard]] constexpr const Numbering& SampleNumbering(Dialect dialect) {
  return dialect == Dialect::kV1_10 ? kSampleNumbering : kOldSampleNumbering;
}

// Profile: 1.9 removed comment_strindices (7) and moved what followed down by one (pull request
// 729).
inline constexpr Numbering kProfileNumbering = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
inline constexpr Numbering k1_8ProfileNumbering = {0, 1, 2, 3,  4, 5, 6, kLegacyField,
                                                   7, 8, 9, 10, 11};
[[nodiscard]] constexpr const Numbering& ProfileNumbering(Dialect dialect) {
  return dialect == Dialect::kV1_8 ? k1_8ProfileNumbering : kProfileNumbering;
}

// ValueType: 1.9 removed aggregation_temporality (3) (pull request 710).
inline constexpr uint32_t kLegacyAggregationTemporality = 3;
inline constexpr uint64_t kLegacyTemporalityCumulative = 2;

}  // namespace otlp
}  // namespace flameway
