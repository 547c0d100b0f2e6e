// SPDX-License-Identifier: Apache-2.0
#include "processor/request/utf8.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "processor/model/ascii.h"

namespace flameway {
namespace {

// Length of the well-formed character at `p`, or 0 and in `broken` the length of the maximal broken
// part.
size_t CharacterAt(const unsigned char* p, size_t left, size_t& broken) {
  const unsigned char lead = p[0];
  broken = 1;
  if (lead < 0x80) return 1;
  size_t size;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  for (size_t i = 1; i < size; ++i) {
    if (i == left || p[i] < low || p[i] > high) {
      broken = i;
      return 0;
    }
    low = 0x80;
    high = 0xBF;
  }
  return size;
}

}  // namespace

namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;

uint64_t LoadWord(const unsigned char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Looks at nothing behind the first broken part: a text of broken parts alone is repaired in
// linear time.
size_t ValidPrefix(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t i = 0;
  while (i < text.size()) {
    while (text.size() - i >= 8 && (LoadWord(bytes + i) & kHighBits) == 0) i += 8;
    if (i == text.size()) break;
    size_t broken;
    const size_t size = CharacterAt(bytes + i, text.size() - i, broken);
    if (size == 0) return i;
    i += size;
  }
  return i;
}

}  // namespace

size_t ValidUtf8Prefix(std::string_view text) {
  return IsAscii(text) ? text.size() : ValidPrefix(text);
}

std::string_view RepairUtf8(std::string_view text, Scratch& scratch) {
  size_t valid = ValidUtf8Prefix(text);
  if (valid == text.size()) return text;
  std::string repaired;
  while (true) {
    repaired.append(text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) return scratch.Copy(repaired);
    size_t broken;
    (void)CharacterAt(reinterpret_cast<const unsigned char*>(text.data()), text.size(), broken);
    repaired.append("\xEF\xBF\xBD");
    text.remove_prefix(broken);
    valid = ValidPrefix(text);
  }
}

}  // namespace flameway
