// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace flameway {

// A row number as the sender wrote it, checked against its table. Lives in request/ only; it does
// not convert to an Id, so an index cannot be translated twice or forgotten to be translated.
struct WireIndex {
  uint32_t value = 0;
  friend auto operator<=>(const WireIndex&, const WireIndex&) = default;
};

// A row number in one of the batch's own tables. 0, the default, is the null row that each table
// starts with.
template <typename Row>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(uint32_t value) : value_(value) {}
  [[nodiscard]] constexpr uint32_t value() const { return value_; }
  [[nodiscard]] constexpr bool is_null() const { return value_ == 0; }
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  uint32_t value_ = 0;
};

struct StringRow;
struct AttributeRow;
struct FunctionRow;
struct MappingRow;
struct LocationRow;
struct StackRow;
struct LinkRow;

using StringId = Id<StringRow>;
using AttributeId = Id<AttributeRow>;
using FunctionId = Id<FunctionRow>;
using MappingId = Id<MappingRow>;
using LocationId = Id<LocationRow>;
using StackId = Id<StackRow>;
using LinkId = Id<LinkRow>;

}  // namespace flameway
