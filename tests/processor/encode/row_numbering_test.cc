// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_numbering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/support/dice.h"

namespace flameway {
namespace {

// Row 0 first, then by use, most used first, equal ones in the order they stand.
std::vector<uint32_t> Expected(uint32_t rows, std::vector<uint32_t> uses) {
  uses.resize(rows);
  std::vector<uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin() + 1, order.end(),
                   [&](uint32_t a, uint32_t b) { return uses[a] > uses[b]; });
  return order;
}

TEST(RowNumberingTest, SortsByUseAndKeepsOrderAmongEquals) {
  Dice dice(1);
  RowNumbering numbering;  // each table after the other
  for (int i = 0; i < 300; ++i) {
    const auto rows = static_cast<uint32_t>(1 + dice.Below(400));
    std::vector<uint32_t> uses(rows);
    const size_t most = dice.Chance(0.5) ? 5 : 200;  // on both sides of what is sorted
    for (uint32_t& use : uses) use = static_cast<uint32_t>(dice.Below(most));
    numbering.OrderByUse(uses);
    const std::vector<uint32_t> expected = Expected(rows, uses);
    for (uint32_t number = 0; number < rows; ++number) {
      ASSERT_EQ(numbering.RowAt(number), expected[number]) << "of " << rows;
      ASSERT_EQ(numbering.NumberOf(expected[number]), number);
    }
  }
}

TEST(RowNumberingTest, RowZeroStaysRowZeroHoweverOftenItIsUsed) {
  for (const uint32_t use : {0u, 1u, 1'000'000u}) {
    RowNumbering numbering;
    numbering.OrderByUse(std::vector<uint32_t>{use, 2, 3});
    EXPECT_EQ(numbering.NumberOf(0), 0u);
    EXPECT_EQ(numbering.NumberOf(2), 1u);
  }
}

TEST(RowNumberingTest, ATableOfTheZeroRowOnly) {
  RowNumbering numbering;
  numbering.OrderByUse(std::vector<uint32_t>{0});
  EXPECT_EQ(numbering.RowAt(0), 0u);
}

TEST(RowNumberingTest, RowsAsTheyArriveHaveTheirOwnNumbers) {
  EXPECT_EQ(RowNumbering().NumberOf(7), 7u);
  EXPECT_EQ(RowNumbering().RowAt(7), 7u);
}

TEST(RowNumberingTest, RowsInAnOrderOfOnesOwn) {
  RowNumbering numbering;
  const std::vector<uint32_t> rows = {0, 3, 1, 2};
  numbering.OrderAs(rows.size(), [&rows](uint32_t number) { return rows[number]; });
  EXPECT_EQ(numbering.RowAt(1), 3u);
  EXPECT_EQ(numbering.NumberOf(3), 1u);
  EXPECT_EQ(numbering.NumberOf(2), 3u);
  numbering.KeepArrival();
  EXPECT_EQ(numbering.RowAt(1), 1u);
  EXPECT_EQ(numbering.NumberOf(3), 3u);
}

}  // namespace
}  // namespace flameway
