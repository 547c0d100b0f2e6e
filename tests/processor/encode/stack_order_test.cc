// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/stack_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tests/support/dice.h"

namespace flameway {
namespace {

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
      RowNumbering order;
      sorter.Sort(table, RowNumbering(), order);
      std::vector<uint32_t> rows(stacks.size());
      for (uint32_t number = 0; number < rows.size(); ++number) rows[number] = order.RowAt(number);
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

}  // namespace
}  // namespace flameway
