// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "processor/ottl/path.h"
#include "processor/ottl/value.h"

namespace flameway::ottl {

// What a condition or statement is evaluated over: one row of its context with the rows around it.
// Implemented by whoever owns rows; called once for each distinct row, never for each sample. It is
// asked only for paths that the program reported (Footprint).
//
// Get and GetKey may return views of the subject's own rows or of memory in `arena`; they hold
// until the next Set or SetKey. Set and SetKey copy what they keep, and copy before they replace:
// the value may view the very row that is set. The evaluator checks types before it calls them, so
// a value always fits PathTraits::type. Attributes of profiles and samples carry a unit which the
// language does not see: SetKey keeps that of a key that is there.
class Subject {
 public:
  virtual ~Subject() = default;

  // A string, int, bytes, list of ints, or map, by PathTraits::type. A path whose row is missing
  // (a frame without a mapping) is the empty value of its type.
  [[nodiscard]] virtual Value Get(PathId path, Arena& arena) const = 0;
  virtual absl::Status Set(PathId path, const Value& value) = 0;

  // The same for one key of a map. An attribute without a value is there, and nil.
  [[nodiscard]] virtual std::optional<Value> GetKey(PathId path, std::string_view key,
                                                    Arena& arena) const = 0;
  virtual absl::Status SetKey(PathId path, std::string_view key, const Value& value) = 0;
};

}  // namespace flameway::ottl
