// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// The few wire operations test support needs, written apart from proto/wire, which they help to
// test.
//
//   message = { tag value } ; tag = varint (field << 3 | type)
//   type 0: varint   1: 8 bytes   2: varint length, bytes   5: 4 bytes

inline constexpr size_t kMaxVarintBytes = 10;

// At least min_bytes long: a longer form than needed is legal and some senders write it.
void AppendVarint(uint64_t value, std::string* out, size_t min_bytes = 1);
void AppendTag(uint32_t field, uint32_t type, std::string* out, size_t min_bytes = 1);
void AppendFixed64(uint64_t value, std::string* out);

// Takes a varint off the front; nothing, and the input as it was, if there is none.
[[nodiscard]] std::optional<uint64_t> TakeVarint(std::string_view* in);

// One field of a message. The views point into the message.
struct WireField {
  uint32_t number;
  uint32_t type;
  std::string_view whole;    // with its tag
  std::string_view value;    // without tag, with the length for type 2
  std::string_view payload;  // type 2 only: without the length
};

// Takes a field off the front; nothing if it is cut off, a group, or no field at all.
[[nodiscard]] std::optional<WireField> TakeField(std::string_view* in);

}  // namespace flameway
