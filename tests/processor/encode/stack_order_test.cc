// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/stack_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tests/support/dice.h"

namespace flameway {
namespace {

using testing::ElementsAre;

std::vector<uint32_t> FromTheRoot(StackSorter& sorter, const OutputTable& stacks,
                                  const RowNumbering& locations) {
  RowNumbering order;
  sorter.Sort(stacks, locations, order);
  std::vector<uint32_t> rows;
  for (uint32_t number = 0; number < stacks.size(); ++number) rows.push_back(order.RowAt(number));
  return rows;
}

using Stack = std::vector<uint32_t>;  // leaf first

// Stacks that share long beginnings, of locations up to `most`; the first is empty.
std::vector<Stack> Grow(Dice& dice, size_t count, uint32_t most) {
  std::vector<Stack> root_first = {{}};
  while (root_first.size() < count) {
    Stack stack = root_first[dice.Below(root_first.size())];
    stack.resize(dice.Below(stack.size() + 1));
    for (size_t more = dice.Below(9); more > 0; --more)
      stack.push_back(most - static_cast<uint32_t>(dice.Below(std::min(most, 3u) + 1)));
    root_first.push_back(stack);
  }
  for (Stack& stack : root_first) std::reverse(stack.begin(), stack.end());
  return root_first;
}

TEST(StackOrderTest, SortsFromTheRootHoweverManyFramesAWordHolds) {
  Dice dice(1);
  StackSorter sorter;  // one table after the other
  for (const uint32_t most :
       {0u, 1u, 60'000u, 65'534u, 65'535u, 2'097'150u, 2'097'151u, 9'000'000u}) {
    for (const size_t count : {1u, 2u, 30u, 500u}) {
      const std::vector<Stack> stacks = Grow(dice, count, most);
      OutputTable table(RowLists::kOne);
      for (const Stack& stack : stacks) {
        std::copy(stack.begin(), stack.end(), table.OpenList(stack.size()));
        table.Close();
      }
      std::vector<uint32_t> rows = FromTheRoot(sorter, table, RowNumbering());
      EXPECT_EQ(rows[0], 0u);
      EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                                 [&](uint32_t a, uint32_t b) {
                                   return std::lexicographical_compare(
                                       stacks[a].rbegin(), stacks[a].rend(), stacks[b].rbegin(),
                                       stacks[b].rend());
                                 }))
          << count << " stacks of locations up to " << most;
      std::sort(rows.begin(), rows.end());
      for (uint32_t row = 0; row < rows.size(); ++row) EXPECT_EQ(rows[row], row);
    }
  }
}

TEST(StackOrderTest, IsTheOrderOfListsOfNumbersFromTheRoot) {
  Dice dice(7);
  StackSorter sorter;  // table after table
  for (int round = 0; round < 200; ++round) {
    const auto locations = static_cast<uint32_t>(2 + dice.Below(round % 2 == 0 ? 3 : 100));
    std::vector<uint32_t> shuffled(locations);
    for (uint32_t i = 1; i < locations; ++i) {
      shuffled[i] = i;
      std::swap(shuffled[i], shuffled[1 + dice.Below(i)]);
    }
    RowNumbering numbering;
    numbering.OrderAs(locations, [&](uint32_t number) { return shuffled[number]; });
    OutputTable table(RowLists::kOne);
    table.Close();
    std::vector<std::vector<uint32_t>> keys(1);
    for (size_t rows = dice.Below(300); rows-- > 0;) {
      const size_t depth = 1 + dice.Below(9);
      uint32_t* const list = table.OpenList(depth);
      std::vector<uint32_t>& key = keys.emplace_back(depth);
      for (size_t i = 0; i < depth; ++i) {
        list[i] = static_cast<uint32_t>(dice.Below(locations));
        key[depth - 1 - i] = numbering.NumberOf(list[i]);
      }
      table.Close();
    }
    const std::vector<uint32_t> rows = FromTheRoot(sorter, table, numbering);
    ASSERT_EQ(rows.size(), keys.size());
    EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) {
      return keys[a] != keys[b] ? keys[a] < keys[b] : a < b;
    }));
    std::vector<uint32_t> each = rows;
    std::sort(each.begin(), each.end());
    for (uint32_t i = 0; i < each.size(); ++i) ASSERT_EQ(each[i], i);
  }
}

// Two stacks that part only at the deepest frame there may be.
TEST(StackOrderTest, ReachesTheDeepestFrame) {
  OutputTable table(RowLists::kOne);
  table.Close();
  constexpr uint32_t kDepth = 4'096;
  for (const uint32_t leaf : {2u, 1u}) {
    uint32_t* const list = table.OpenList(kDepth);
    std::fill_n(list, kDepth, 1u);
    list[0] = leaf;
    table.Close();
  }
  StackSorter sorter;
  EXPECT_THAT(FromTheRoot(sorter, table, RowNumbering()), ElementsAre(0, 2, 1));
}

}  // namespace
}  // namespace flameway
