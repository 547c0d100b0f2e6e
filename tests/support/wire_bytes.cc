// SPDX-License-Identifier: Apache-2.0
#include "tests/support/wire_bytes.h"

namespace flameway {

void AppendVarint(uint64_t value, std::string* out, size_t min_bytes) {
  size_t written = 1;
  for (; value >= 0x80 || written < min_bytes; value >>= 7, ++written) {
    out->push_back(static_cast<char>((value & 0x7f) | 0x80));
  }
  out->push_back(static_cast<char>(value));
}

void AppendTag(uint32_t field, uint32_t type, std::string* out, size_t min_bytes) {
  AppendVarint(uint64_t{field} << 3 | type, out, min_bytes);
}

void AppendFixed64(uint64_t value, std::string* out) {
  for (int i = 0; i < 8; ++i, value >>= 8) out->push_back(static_cast<char>(value & 0xff));
}

std::optional<uint64_t> TakeVarint(std::string_view* in) {
  uint64_t value = 0;
  for (size_t i = 0; i < in->size() && i < kMaxVarintBytes; ++i) {
    const auto byte = static_cast<uint8_t>((*in)[i]);
    value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      in->remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<WireField> TakeField(std::string_view* in) {
  std::string_view rest = *in;
  const std::optional<uint64_t> tag = TakeVarint(&rest);
  if (!tag || *tag >> 32 != 0 || *tag >> 3 == 0) return std::nullopt;
  WireField field{};
  field.number = static_cast<uint32_t>(*tag >> 3);
  field.type = static_cast<uint32_t>(*tag & 7);
  field.value = rest;
  size_t size = 0;
  switch (field.type) {
    case 0:
      if (!TakeVarint(&rest)) return std::nullopt;
      break;
    case 1:
      size = 8;
      break;
    case 2: {
      const std::optional<uint64_t> length = TakeVarint(&rest);
      if (!length || *length > rest.size()) return std::nullopt;
      size = *length;
      field.payload = rest.substr(0, size);
      break;
    }
    case 5:
      size = 4;
      break;
    default:
      return std::nullopt;
  }
  if (size > rest.size()) return std::nullopt;
  rest.remove_prefix(size);
  field.value = field.value.substr(0, field.value.size() - rest.size());
  field.whole = in->substr(0, in->size() - rest.size());
  *in = rest;
  return field;
}

}  // namespace flameway
