// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/bridge/compress/payloads.h"

namespace flameway {
namespace {

TEST(Crc32cTest, KnownValuesOfRfc3720) {
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  for (const auto crc : {Crc32c, Crc32cPortableForTest}) {
    EXPECT_EQ(crc(""), 0u);
    EXPECT_EQ(crc("123456789"), 0xE3069283u);
    EXPECT_EQ(crc(std::string(32, '\0')), 0x8A9136AAu);
    EXPECT_EQ(crc(std::string(32, '\xFF')), 0x62A8AB43u);
    EXPECT_EQ(crc(rising), 0x46DD794Eu);
  }
}

TEST(Crc32cTest, InstructionAndTableAgreeAtEveryLengthAndOffset) {
  const std::string bytes = RandomBytes(300);
  for (size_t offset = 0; offset < 9; ++offset) {
    for (size_t length = 0; offset + length <= bytes.size(); ++length) {
      const std::string_view piece = std::string_view(bytes).substr(offset, length);
      ASSERT_EQ(Crc32c(piece), Crc32cPortableForTest(piece)) << offset << " " << length;
    }
  }
}

}  // namespace
}  // namespace flameway
