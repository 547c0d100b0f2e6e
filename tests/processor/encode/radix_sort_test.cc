// SPDX-License-Identifier: Apache-2.0
// The sorts of a sorted message against std::stable_sort.
#include "processor/encode/radix_sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "processor/encode/text_order.h"
#include "tests/support/dice.h"

namespace flameway {
namespace {

std::vector<uint32_t> Ascending(size_t count) {
  std::vector<uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

// A number of a random count of bits, which stand anywhere.
uint64_t AnyBits(Dice& dice) {
  const uint64_t bits = dice.Below(UINT64_MAX);
  return dice.Chance(0.3) ? 0 : bits >> dice.Below(64) << dice.Below(32);
}

TEST(RadixSortTest, SortsByKeyAndKeepsOrderAmongEquals) {
  Dice dice(1);
  RadixSort sort;  // each list after the other
  for (int i = 0; i < 200; ++i) {
    const size_t size = dice.Below(3) == 0 ? dice.Below(10) : dice.Below(3'000);
    const uint64_t some = AnyBits(dice);
    const uint64_t mask = dice.Chance(0.5) ? AnyBits(dice) : ~uint64_t{0};
    std::vector<KeyedRow> rows;
    for (uint32_t row = 0; row < size; ++row)
      rows.push_back({.key = dice.Chance(0.2) ? some : dice.Below(UINT64_MAX) & mask, .row = row});
    std::vector<KeyedRow> expected = rows;
    std::ranges::stable_sort(expected, {}, &KeyedRow::key);
    sort.Sort(rows);
    for (size_t k = 0; k < size; ++k)
      ASSERT_EQ(rows[k].row, expected[k].row) << k << " of " << size;
  }
}

// Words whose bits do not fit into one: what is left out must still decide.
TEST(KeySorterTest, SortsByAllWords) {
  Dice dice(2);
  KeySorter sorter;
  for (int i = 0; i < 200; ++i) {
    std::vector<std::array<uint64_t, 4>> keys(dice.Below(1'000));
    std::array<uint64_t, 4> masks;
    for (uint64_t& mask : masks) mask = AnyBits(dice);
    for (auto& key : keys) {
      for (size_t word = 0; word < 4; ++word) {
        // Few values, so that words are equal and the next ones decide.
        key[word] =
            (dice.Chance(0.7) ? dice.Below(3) * 0x9E3779B97F4A7C15 : dice.Below(UINT64_MAX)) &
            masks[word];
      }
    }
    std::vector<uint32_t> expected = Ascending(keys.size());
    std::ranges::stable_sort(expected, {}, [&](uint32_t row) { return keys[row]; });
    const auto sorted = sorter.Sort(std::span<const std::array<uint64_t, 4>>(keys));
    ASSERT_EQ(sorted.size(), expected.size());
    for (size_t k = 0; k < keys.size(); ++k) ASSERT_EQ(sorted[k].row, expected[k]) << k;
  }
}

// Texts that share long beginnings, end inside a word and at its end, and hold zeroes.
TEST(TextSorterTest, SortsAsTextsCompare) {
  Dice dice(3);
  TextSorter sorter;
  RowNumbering order;
  for (int i = 0; i < 60; ++i) {
    std::set<std::string> distinct;
    const size_t count = dice.Below(1'500);
    const char alphabet[] = {'\0', '\0', 'a', 'b', '\x7F', '\x80', '\xFF'};
    for (size_t k = 0; k < count; ++k) {
      std::string text(dice.Chance(0.5) ? 8 * dice.Below(4) : 0, 'a');
      const size_t more = dice.Below(12);
      for (size_t c = 0; c < more; ++c) text += alphabet[dice.Below(sizeof alphabet)];
      distinct.insert(text);
    }
    distinct.erase("");
    std::vector<std::string> texts(distinct.begin(), distinct.end());
    for (size_t k = texts.size(); k > 1; --k) std::swap(texts[k - 1], texts[dice.Below(k)]);
    OutputTable table(RowLists::kNone);
    table.Close();
    for (const std::string& text : texts) {
      table.Write(text);
      table.Close();
    }
    sorter.Sort(table, order);
    EXPECT_EQ(order.RowAt(0), 0u);
    uint32_t number = 1;
    for (const std::string& text : distinct) ASSERT_EQ(table.content(order.RowAt(number++)), text);
  }
}

}  // namespace
}  // namespace flameway
