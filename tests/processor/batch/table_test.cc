// SPDX-License-Identifier: Apache-2.0
// The table against std::map.
#include "processor/batch/table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "tests/support/dice.h"

namespace flameway {
namespace {

using Model = std::map<std::pair<uint64_t, uint64_t>, uint32_t>;

// Few of them share a place, many differ only in bits that the place is not taken from.
Fingerprint Draw(Dice& dice, uint64_t spread) {
  return {.low = dice.Below(spread) * (dice.Chance(0.5) ? 1 : uint64_t{1} << 40),
          .high = dice.Below(3)};
}

void ExpectSame(const Table& table, const Model& model) {
  for (const auto& [key, number] : model) {
    EXPECT_EQ(table.Find({.low = key.first, .high = key.second}), number);
  }
}

TEST(TableTest, DoesWhatAMapDoes) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Dice dice(seed);
    Table table;
    Model model;
    for (int i = 0; i < 20'000; ++i) {
      const Fingerprint print = Draw(dice, 2'000);
      const std::pair key(print.low, print.high);
      const auto number = static_cast<uint32_t>(model.size() + 1);
      switch (dice.Below(10)) {
        case 0: {
          const auto known = model.find(key);
          EXPECT_EQ(table.Find(print), known == model.end() ? 0 : known->second);
          break;
        }
        case 1:
          if (model.contains(key)) {
            table.Replace(print, number + 100'000);
            model[key] = number + 100'000;
          }
          break;
        case 2:
          if (dice.Chance(0.002)) {
            table.Clear();
            model.clear();
          }
          break;
        default: {
          const auto [known, added] = model.emplace(key, number);
          const Table::Found found = table.FindOrAdd(print, number);
          EXPECT_EQ(found.added, added);
          EXPECT_EQ(found.number, known->second);
        }
      }
    }
    ExpectSame(table, model);
  }
}

TEST(TableTest, GrowsWithoutLosingARow) {
  Table table;
  constexpr uint32_t kRows = 200'000;
  for (uint32_t i = 1; i <= kRows; ++i) {
    EXPECT_TRUE(table.FindOrAdd({.low = i * 0x9E3779B97F4A7C15, .high = i}, i).added);
  }
  for (uint32_t i = 1; i <= kRows; ++i) {
    ASSERT_EQ(table.Find({.low = i * 0x9E3779B97F4A7C15, .high = i}), i);
  }
  EXPECT_EQ(table.Find({.low = 1, .high = 0}), 0u);
  // Slots of 16 bytes, full to three quarters before they double, to three eighths after it.
  EXPECT_GE(table.memory_bytes(), size_t{kRows} * 21);
  EXPECT_LE(table.memory_bytes(), size_t{kRows} * 43);
}

TEST(TableTest, RowsThatFallOnOnePlaceStayApart) {
  Table table;
  for (uint32_t i = 1; i <= 1'000; ++i) {
    EXPECT_TRUE(table.FindOrAdd({.low = uint64_t{i} << 50, .high = 7}, i).added);
  }
  for (uint32_t i = 1; i <= 1'000; ++i) {
    EXPECT_EQ(table.Find({.low = uint64_t{i} << 50, .high = 7}), i);
    EXPECT_EQ(table.Find({.low = uint64_t{i} << 50, .high = 8}), 0u);
  }
}

TEST(TableTest, ClearForgetsAllAndKeepsItsMemory) {
  Table table;
  for (uint32_t i = 1; i <= 1'000; ++i) (void)table.FindOrAdd({.low = i, .high = 0}, i);
  const size_t memory = table.memory_bytes();
  for (int epoch = 0; epoch < 1'000; ++epoch) {
    table.Clear();
    for (uint32_t i = 1; i <= 1'000; ++i) EXPECT_EQ(table.Find({.low = i, .high = 0}), 0u);
    EXPECT_TRUE(table.FindOrAdd({.low = 5, .high = 0}, 9).added);
    EXPECT_FALSE(table.FindOrAdd({.low = 5, .high = 0}, 10).added);
  }
  EXPECT_EQ(table.memory_bytes(), memory);
}

// A request's rows, looked up and reserved.
struct Rows {
  std::vector<Fingerprint> prints;
  std::vector<uint32_t> numbers;

  void LookUp(Table& table) {
    numbers.assign(prints.size(), 0);
    table.Reserve(prints.size());
    for (size_t i = 0; i < prints.size(); ++i) table.FindOrReserve(prints, numbers.data(), i);
  }
};

TEST(TableTest, AReservedRowGetsItsNumberWhenItIsSettled) {
  Table table;
  EXPECT_TRUE(table.FindOrAdd({.low = 1}, 7).added);
  Rows rows{.prints = {{.low = 1}, {.low = 2}, {.low = 3}, {.low = 2}}, .numbers = {}};
  rows.LookUp(table);
  EXPECT_EQ(rows.numbers[0], 7u);
  EXPECT_TRUE(Table::IsReserved(rows.numbers[1]));
  EXPECT_TRUE(Table::IsReserved(rows.numbers[2]));
  EXPECT_EQ(rows.numbers[3], 0u);  // the slot is that of row 1, and says so
  EXPECT_EQ(table.Find(rows.prints[3]), Table::kReserved | 1);
  table.Settle(rows.numbers[1], 8);
  EXPECT_EQ(table.Find({.low = 2}), 8u);
  const Table::Found found = table.FindOrAdd({.low = 2}, 100);
  EXPECT_FALSE(found.added);
  EXPECT_EQ(found.number, 8u);
}

TEST(TableTest, ASlotLeftUnsettledIsReservedAgainForAnotherRow) {
  Table table;
  Rows first{.prints = {{.low = 1}, {.low = 2}}, .numbers = {}};
  first.LookUp(table);
  Rows second{.prints = {{.low = 3}, {.low = 1}, {.low = 2}}, .numbers = {}};
  second.LookUp(table);
  for (size_t i = 0; i < second.prints.size(); ++i) {
    ASSERT_TRUE(Table::IsReserved(second.numbers[i])) << i;
    EXPECT_EQ(table.Find(second.prints[i]), Table::kReserved | i);
    table.Settle(second.numbers[i], static_cast<uint32_t>(10 + i));
  }
  for (size_t i = 0; i < second.prints.size(); ++i) EXPECT_EQ(table.Find(second.prints[i]), 10 + i);
}

TEST(TableTest, NoSlotMovesUntilTheRowsAreThatThereIsRoomFor) {
  Table table;
  Rows rows;
  for (uint32_t i = 0; i < 1'000; ++i) rows.prints.push_back({.low = i * 0x9E3779B97F4A7C15});
  table.Reserve(2 * rows.prints.size());
  const size_t memory = table.memory_bytes();
  rows.LookUp(table);
  for (uint32_t i = 0; i < 1'000; ++i) (void)table.FindOrAdd({.low = i, .high = 1}, 5);
  EXPECT_EQ(table.memory_bytes(), memory);
  for (uint32_t i = 0; i < 1'000; ++i) table.Settle(rows.numbers[i], i + 1);
  for (uint32_t i = 0; i < 1'000; ++i) EXPECT_EQ(table.Find(rows.prints[i]), i + 1);
}

TEST(TableTest, TheZeroFingerprintIsARowLikeAnother) {
  Table table;
  EXPECT_EQ(table.Find({}), 0u);
  EXPECT_TRUE(table.FindOrAdd({}, 3).added);
  EXPECT_EQ(table.Find({}), 3u);
}

}  // namespace
}  // namespace flameway
