// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/quantity.h"

#include "gtest/gtest.h"

namespace flameway {
namespace {

TEST(QuantityTest, BytesGetTheUnitThatKeepsThemShort) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1024), "1.0 KiB");
  EXPECT_EQ(FormatBytes(1048575), "1.0 MiB");
  EXPECT_EQ(FormatBytes(uint64_t{5} << 40), "5.0 TiB");
}

TEST(QuantityTest, CountsAreGroupedByThousands) {
  EXPECT_EQ(FormatCount(7), "7");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1 000");
  EXPECT_EQ(FormatCount(12345678), "12 345 678");
}

TEST(QuantityTest, AShareOfNothingIsNoNumber) {
  EXPECT_EQ(FormatRatio(1, 4), "25.0 %");
  EXPECT_EQ(FormatRatio(0, 0), "-");
}

}  // namespace
}  // namespace flameway
