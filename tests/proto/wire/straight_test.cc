// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/straight.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <type_traits>
#include <vector>

#include "proto/wire/instructions.h"
#include "tests/support/dice.h"
#include "tests/support/wire_bytes.h"

namespace flameway::wire {
namespace {

template <typename Reads>
class StraightTest : public testing::Test {
 public:
  static bool IsPossible() {
    return std::is_same_v<Reads, Varints> || Instructions::OfThisMachine().fast_pext;
  }
};

#if defined(__x86_64__)
using AllReads = testing::Types<Varints, VarintsByPext>;
#else
using AllReads = testing::Types<Varints>;
#endif
TYPED_TEST_SUITE(StraightTest, AllReads, );

// Both sides of every change of size.
std::vector<uint64_t> Boundaries() {
  std::vector<uint64_t> values = {0, 1, UINT64_MAX, UINT64_MAX - 1, uint64_t{1} << 63};
  for (unsigned bits = 7; bits < 64; bits += 7) {
    values.push_back((uint64_t{1} << bits) - 1);
    values.push_back(uint64_t{1} << bits);
  }
  return values;
}

// What ReadVarint reads of up to eight bytes, overlong or not, whatever follows them.
TYPED_TEST(StraightTest, ReadsWhatReadVarintReads) {
  if (!this->IsPossible()) GTEST_SKIP() << "no PEXT here, or a slow one";
  for (const bool is_short : {false, true}) {
    for (const uint64_t expected : Boundaries()) {
      for (size_t size = VarintSize(expected); size <= kMaxVarintBytes; ++size) {
        for (const char behind : {'\0', '\x7F', '\xFF'}) {
          std::string bytes;
          AppendVarint(expected, &bytes, size);
          ASSERT_EQ(bytes.size(), size);
          bytes.append(kLookAhead, behind);
          const char* p = bytes.data();
          uint64_t value = 0;
          ASSERT_EQ(is_short ? TypeParam::ReadShort(p, value) : TypeParam::Read(p, value),
                    size <= 8)
              << expected << " in " << size;
          EXPECT_EQ(p - bytes.data(), size <= 8 ? static_cast<long>(size) : 0);
          if (size <= 8) {
            EXPECT_EQ(value, expected);
          }
        }
      }
    }
  }
}

template <typename Reads, FieldOrder order>
bool Take(const std::string& message, uint64_t (&values)[5]) {
  // What follows looks like another field.
  const std::string longer = message + std::string(kLookAhead, '\x08');
  return TakeVarintFields<Reads, order>(longer.data(), longer.data() + message.size(), values[4],
                                        values[3], values[2], values[1]);
}

// In any order: what ReadVarintFields takes, which agrees with Reader.
TYPED_TEST(StraightTest, TakesTheVarintFieldsOfAMessage) {
  if (!this->IsPossible()) GTEST_SKIP() << "no PEXT here, or a slow one";
  for (uint64_t seed = 0; seed < 2'000; ++seed) {
    Dice dice(seed);
    std::string message;
    for (uint64_t fields = dice.Below(6); fields-- > 0;) {
      AppendTag(static_cast<uint32_t>(1 + dice.Below(4)), 0, &message);
      AppendVarint(dice.Bits() >> (8 + dice.Below(56)), &message);
    }
    if (dice.Chance(0.2)) message.resize(message.size() - dice.Below(message.size() + 1));
    if (dice.Chance(0.2)) message += "\x28\x01";
    uint64_t expected[5] = {};
    const bool takes = ReadVarintFields<4>(message, expected);
    uint64_t values[5] = {};
    ASSERT_EQ((Take<TypeParam, FieldOrder::kAny>(message, values)), takes) << seed;
    if (!takes) continue;
    EXPECT_TRUE(std::equal(std::begin(values), std::end(values), std::begin(expected))) << seed;
  }
}

TYPED_TEST(StraightTest, TakesThemInDescendingOrderAlone) {
  if (!this->IsPossible()) GTEST_SKIP() << "no PEXT here, or a slow one";
  const auto takes = [](const std::vector<uint32_t>& fields) {
    std::string message;
    uint64_t expected[5] = {};
    for (const uint32_t field : fields) {
      AppendTag(field, 0, &message);
      AppendVarint(uint64_t{field} << 20, &message);
      expected[field] = uint64_t{field} << 20;
    }
    uint64_t values[5] = {};
    if (!Take<TypeParam, FieldOrder::kDescending>(message, values)) return false;
    EXPECT_TRUE(std::equal(std::begin(values), std::end(values), std::begin(expected)));
    return true;
  };
  EXPECT_TRUE(takes({}));
  EXPECT_TRUE(takes({4, 3, 2, 1}));
  EXPECT_TRUE(takes({4, 1}));
  EXPECT_TRUE(takes({2}));
  EXPECT_FALSE(takes({1, 2}));
  EXPECT_FALSE(takes({4, 3, 1, 2}));
  EXPECT_FALSE(takes({2, 2}));
}

}  // namespace
}  // namespace flameway::wire
