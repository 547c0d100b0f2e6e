// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "processor/model/reason.h"
#include "proto/otlp/dialect.h"

namespace flameway {

// A profile that was refused while others of its request were taken.
struct RejectedProfile {
  uint32_t resource_index = 0;  // position in resource_profiles
  uint32_t scope_index = 0;     // position in scope_profiles
  uint32_t profile_index = 0;   // position in profiles
  Reason reason = Reason::kNone;

  // "resource_profiles[0].scope_profiles[0].profiles[2]"
  [[nodiscard]] std::string FieldPath() const;
};

// What Decode found. Counts are exact; `examples` holds the first few refusals only.
struct DecodeReport {
  enum class Outcome : uint8_t {
    kAccepted,  // what was not rejected is ready to merge; may be nothing (an empty request)
    kInvalid,   // undecodable, or every profile was refused
    kTooLarge,  // a request-wide limit
  };
  static constexpr size_t kMaxExamples = 10;

  Outcome outcome = Outcome::kAccepted;
  Reason reason = Reason::kNone;  // of a refusal of the whole request
  size_t offset = 0;              // byte of the request where a wire-level refusal was noticed
  Dialect dialect = Dialect::kV1_10;
  bool dialect_ambiguous = false;  // nothing in the request told the dialect; it was assumed
  bool dialect_conflict = false;   // samples contradicted each other; read as 1.10

  // Zero when the request was refused as undecodable or too large: what it held is then not known.
  uint64_t profiles_received = 0;
  uint64_t profiles_rejected = 0;
  uint64_t samples_received = 0;
  uint64_t samples_rejected = 0;       // samples of rejected profiles
  uint64_t samples_repaired_away = 0;  // sample_empty: dropped from profiles that were taken

  uint64_t unknown_fields = 0;
  ReasonCounts rejected_by_reason{};  // profiles
  ReasonCounts repaired_by_reason{};  // rows, samples, fields: fixed and merged
  std::vector<RejectedProfile> examples;

  [[nodiscard]] uint64_t profiles_accepted() const { return profiles_received - profiles_rejected; }
  [[nodiscard]] uint64_t samples_accepted() const {
    return samples_received - samples_rejected - samples_repaired_away;
  }

  // As new, but keeps the memory of the examples.
  void Clear();

  // English, at most 1 KiB: the first five reasons with their counts, or the reason and offset of a
  // whole refusal. Empty when nothing was refused.
  [[nodiscard]] std::string Message() const;
};

}  // namespace flameway
