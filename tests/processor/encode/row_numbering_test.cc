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

// Row 0 first; the most used ones with it where a number takes one byte, the next where it takes
// two; of equal ones those that stand first. Where numbers are of one size: in the order they
// stand.
std::vector<uint32_t> Expected(const std::vector<uint32_t>& uses) {
  std::vector<uint32_t> order(uses.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin() + 1, order.end(),
                   [&](uint32_t a, uint32_t b) { return uses[a] > uses[b]; });
  const auto at = [&order](size_t number) {
    return order.begin() + static_cast<ptrdiff_t>(std::min(number, order.size()));
  };
  std::sort(at(0), at(128));
  std::sort(at(128), at(16'384));
  std::sort(at(16'384), order.end());
  return order;
}

void ExpectOrdered(RowNumbering& numbering, const std::vector<uint32_t>& uses) {
  numbering.OrderByUse(uses);
  const std::vector<uint32_t> expected = Expected(uses);
  for (uint32_t number = 0; number < uses.size(); ++number) {
    ASSERT_EQ(numbering.RowAt(number), expected[number]) << "of " << uses.size();
    ASSERT_EQ(numbering.NumberOf(expected[number]), number);
  }
}

TEST(RowNumberingTest, WhatIsUsedMostGetsTheShortestNumbersAndKeepsItsOrderThere) {
  Dice dice(1);
  RowNumbering numbering;  // each table after the other
  for (int i = 0; i < 300; ++i) {
    std::vector<uint32_t> uses(1 + dice.Below(400));
    const size_t most = dice.Chance(0.5) ? 5 : 200;  // on both sides of what is sorted
    for (uint32_t& use : uses) use = static_cast<uint32_t>(dice.Below(most));
    ASSERT_NO_FATAL_FAILURE(ExpectOrdered(numbering, uses));
  }
}

TEST(RowNumberingTest, NumbersOfOneTwoAndThreeBytes) {
  Dice dice(2);
  RowNumbering numbering;
  for (const size_t rows : {127u, 128u, 129u, 16'383u, 16'384u, 16'385u, 40'000u}) {
    std::vector<uint32_t> uses(rows);
    for (uint32_t& use : uses) use = static_cast<uint32_t>(dice.Below(100));
    ASSERT_NO_FATAL_FAILURE(ExpectOrdered(numbering, uses));
  }
}

TEST(RowNumberingTest, RowZeroStaysRowZeroHoweverOftenItIsUsed) {
  for (const uint32_t use : {0u, 1u, 1'000'000u}) {
    std::vector<uint32_t> uses(200, 3);
    uses[0] = use;
    uses[199] = 4;
    RowNumbering numbering;
    numbering.OrderByUse(uses);
    EXPECT_EQ(numbering.NumberOf(0), 0u);
    EXPECT_LT(numbering.NumberOf(199), 128u);
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
