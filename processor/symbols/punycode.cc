// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/punycode.h"

#include <cstddef>
#include <cstdint>

#include "processor/symbols/characters.h"

namespace flameway {
namespace {

constexpr size_t kMaxCharacters = 256;
constexpr uint64_t kBase = 36;
constexpr uint64_t kTMin = 1;
constexpr uint64_t kTMax = 26;
constexpr uint64_t kSkew = 38;
constexpr uint64_t kMaxDelta = uint64_t{1} << 32;

uint64_t AdaptBias(uint64_t delta, uint64_t length, bool is_first) {
  delta = is_first ? delta / 700 : delta / 2;
  delta += delta / length;
  uint64_t k = 0;
  while (delta > (kBase - kTMin) * kTMax / 2) {
    delta /= kBase - kTMin;
    k += kBase;
  }
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

std::optional<uint64_t> DigitValue(char c) {
  if (IsLower(c)) return static_cast<uint64_t>(c - 'a');
  if (IsDigit(c)) return static_cast<uint64_t>(c - '0') + 26;
  return std::nullopt;
}

// Reads one generalized variable-length integer from the front of `deltas`.
std::optional<uint64_t> ReadDelta(std::string_view& deltas, uint64_t bias) {
  uint64_t delta = 0;
  uint64_t weight = 1;
  for (uint64_t k = kBase;; k += kBase) {
    if (deltas.empty()) return std::nullopt;
    const std::optional<uint64_t> digit = DigitValue(deltas.front());
    if (!digit) return std::nullopt;
    deltas.remove_prefix(1);
    delta += *digit * weight;
    if (delta > kMaxDelta || weight > kMaxDelta) return std::nullopt;
    const uint64_t threshold = k <= bias ? kTMin : k >= bias + kTMax ? kTMax : k - bias;
    if (*digit < threshold) return delta;
    weight *= kBase - threshold;
  }
}

}  // namespace

bool AppendUtf8(char32_t code_point, std::string& out) {
  const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) return false;
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
  return true;
}

std::optional<std::string> DecodePunycode(std::string_view ascii, std::string_view deltas) {
  if (deltas.empty() || ascii.size() > kMaxCharacters) return std::nullopt;
  std::u32string text(ascii.begin(), ascii.end());
  uint64_t code_point = 0x80;
  uint64_t position = 0;
  uint64_t bias = 72;
  for (bool is_first = true; !deltas.empty(); is_first = false) {
    const std::optional<uint64_t> delta = ReadDelta(deltas, bias);
    if (!delta || text.size() == kMaxCharacters) return std::nullopt;
    const uint64_t length = text.size() + 1;
    bias = AdaptBias(*delta, length, is_first);
    position += *delta;
    code_point += position / length;
    position %= length;
    if (code_point > 0x10FFFF) return std::nullopt;
    text.insert(static_cast<size_t>(position), 1, static_cast<char32_t>(code_point));
    ++position;
  }
  std::string out;
  for (const char32_t c : text) {
    if (!AppendUtf8(c, out)) return std::nullopt;
  }
  return out;
}

}  // namespace flameway
