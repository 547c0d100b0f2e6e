// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "processor/ottl/subject.h"

namespace flameway::ottl {

// A subject that holds every path in memory, and remembers which were touched.
class MemorySubject final : public Subject {
 public:
  Value Get(PathId path, Arena& arena) const override;
  absl::Status Set(PathId path, const Value& value) override;
  std::optional<Value> GetKey(PathId path, std::string_view key, Arena& arena) const override;
  absl::Status SetKey(PathId path, std::string_view key, const Value& value) override;

  // The arena that made the values may go; what is set is copied here.
  [[nodiscard]] int reads() const { return reads_; }
  [[nodiscard]] int writes() const { return writes_; }

 private:
  std::map<PathId, Value> values_;
  Arena memory_;
  mutable int reads_ = 0;
  int writes_ = 0;
};

// A value in words: "text", 1, double(1.5), 0x00ff, nil, [..], {key: value} sorted by key.
[[nodiscard]] std::string InWords(const Value& value);

}  // namespace flameway::ottl
