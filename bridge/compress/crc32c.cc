// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace flameway {
namespace {

constexpr uint32_t kReversedPolynomial = 0x82F63B78;

// tables[k][b]: the checksum of byte b followed by k zero bytes.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReversedPolynomial : 0);
    }
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint32_t Portable(std::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  size_t i = 0;
  const auto byte_at = [&](size_t at) { return static_cast<uint8_t>(bytes[at]); };
  for (; i + 8 <= bytes.size(); i += 8) {
    uint32_t next = 0;
    for (size_t k = 0; k < 4; ++k) {
      const auto mixed = static_cast<uint8_t>((crc >> (8 * k)) ^ byte_at(i + k));
      next ^= kTables[7 - k][mixed] ^ kTables[3 - k][byte_at(i + 4 + k)];
    }
    crc = next;
  }
  for (; i < bytes.size(); ++i) crc = (crc >> 8) ^ kTables[0][(crc ^ byte_at(i)) & 0xFF];
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t WithInstruction(std::string_view bytes) {
  uint64_t crc = ~uint32_t{0};
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof(word));
    crc = _mm_crc32_u64(crc, word);
  }
  auto tail = static_cast<uint32_t>(crc);
  for (; i < bytes.size(); ++i) tail = _mm_crc32_u8(tail, static_cast<uint8_t>(bytes[i]));
  return ~tail;
}
#endif

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return WithInstruction(bytes);
#endif
  return Portable(bytes);
}

uint32_t Crc32cPortableForTest(std::string_view bytes) { return Portable(bytes); }

}  // namespace flameway
