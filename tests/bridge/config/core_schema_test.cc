// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/core_schema.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;

TEST(CoreSchema, TypesPlainScalarsByYaml12) {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) {
    EXPECT_EQ(ClassifyPlain(text), CoreType::kNull) << text;
  }
  for (const char* text : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    EXPECT_EQ(ClassifyPlain(text), CoreType::kBool) << text;
  }
  for (const char* text : {"0", "-1", "+12", "007", "0o17", "0xfF"}) {
    EXPECT_EQ(ClassifyPlain(text), CoreType::kInt) << text;
  }
  for (const char* text : {"1.5", ".5", "1.", "-2e3", "1E-2", ".inf", "-.INF", ".nan"}) {
    EXPECT_EQ(ClassifyPlain(text), CoreType::kFloat) << text;
  }
}

TEST(CoreSchema, LeavesYaml11FormsAsText) {
  for (const char* text : {"no", "yes", "on", "off", "y", "NO", "1_000", "0b11", "12:30:45",
                           "2026-11-24", "tRUE", "0o8", "0xg", "1e", "-", ".", "+", "1.2.3"}) {
    EXPECT_EQ(ClassifyPlain(text), CoreType::kText) << text;
  }
}

TEST(CoreSchema, KnowsWhatOtherReadersTakeForNumbers) {
  for (const char* text : {"012", "007", "-012", "1_000", "+1_0.5", "0b11", "0B1", "0x1_F", "-0x10",
                           "+0o7", "0X1f", "0O17", "08"}) {
    EXPECT_TRUE(IsOtherNumber(text)) << text;
  }
  for (const char* text :
       {"0",    "-0", "10",    "1.5",        "0.5", "1e3", "0x1f", "0o17", "1_a", "_1", "a_1",
        "0b12", "0b", "12:30", "2026-11-24", "",    "-",   "+",    "-x",   "0xg", "00a"}) {
    EXPECT_FALSE(IsOtherNumber(text)) << text;
  }
}

TEST(CoreSchema, ReadsWhatIsNoNumber) {
  EXPECT_EQ(ParseCoreFloat(".inf"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ParseCoreFloat("-.INF"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(*ParseCoreFloat(".NaN")));
  for (const char* text : {"inf", "-.nan", ".infx", "+-.inf", "nan"}) {
    EXPECT_FALSE(ParseCoreFloat(text).has_value()) << text;
  }
}

TEST(CoreSchema, ReadsIntegersOfAllBases) {
  EXPECT_EQ(ParseCoreInt("010"), 10);
  EXPECT_EQ(ParseCoreInt("0o10"), 8);
  EXPECT_EQ(ParseCoreInt("0x10"), 16);
  EXPECT_EQ(ParseCoreInt("-9223372036854775807"), -9223372036854775807);
  EXPECT_EQ(ParseCoreInt("9223372036854775808"), std::nullopt);
  EXPECT_EQ(ParseCoreInt("99999999999999999999999"), std::nullopt);
  EXPECT_EQ(ParseCoreInt("-0x10"), std::nullopt);
}

TEST(CoreSchema, ReadsGoDurations) {
  EXPECT_EQ(ParseDuration("0")->value, milliseconds(0));
  EXPECT_EQ(ParseDuration("300ms")->value, milliseconds(300));
  EXPECT_EQ(ParseDuration("1.5h")->value, milliseconds(5'400'000));
  EXPECT_EQ(ParseDuration("1h30m10s")->value, milliseconds(5'410'000));
  EXPECT_EQ(ParseDuration("0.3s")->value, milliseconds(300));
  EXPECT_FALSE(ParseDuration("0.3s")->rounded);
  EXPECT_EQ(ParseDuration("1us")->value, milliseconds(1));
  EXPECT_TRUE(ParseDuration("1us")->rounded);
  for (const char* text :
       {"", "5", "s", "5 s", "-1s", "1d", "1s ", "1.s.", "9999999999h", "1e3s"}) {
    EXPECT_FALSE(ParseDuration(text).has_value()) << text;
  }
}

TEST(CoreSchema, WritesDurationsThatReadTheSame) {
  for (const int64_t ms : {0, 1, 999, 1'000, 1'500, 60'000, 61'000, 3'600'000, 86'400'000}) {
    EXPECT_EQ(ParseDuration(FormatDuration(milliseconds(ms)))->value, milliseconds(ms)) << ms;
  }
}

TEST(CoreSchema, ReadsSizesWithAndWithoutUnits) {
  EXPECT_EQ(ParseByteSize("67108864"), uint64_t{64} << 20);
  EXPECT_EQ(ParseByteSize("64MiB"), uint64_t{64} << 20);
  EXPECT_EQ(ParseByteSize("1.5 KiB"), 1'536U);
  EXPECT_EQ(ParseByteSize("10MB"), 10'000'000U);
  EXPECT_EQ(ParseByteSize("0"), 0U);
  for (const char* text :
       {"", "MiB", "-1", "1.5", "64Mib", "1 TiB", "99999999999999999999", "0x10"}) {
    EXPECT_FALSE(ParseByteSize(text).has_value()) << text;
  }
}

TEST(CoreSchema, WritesSizesThatReadTheSame) {
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, uint64_t{1'000}, uint64_t{1'024},
                               uint64_t{64} << 20, uint64_t{3} << 30, uint64_t{1} << 45}) {
    EXPECT_EQ(ParseByteSize(FormatByteSize(bytes)), bytes);
  }
}

}  // namespace
}  // namespace flameway
