// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/packed.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "proto/wire/instructions.h"
#include "proto/wire/writer.h"

namespace flameway::wire {
namespace {

constexpr uint32_t kAny = UINT32_MAX;

// The list with bytes behind it that would be read as numbers, were it not for its end.
size_t Read(const std::string& list, uint32_t limit, std::vector<uint32_t>& numbers) {
  const std::string followed = list + std::string(kLookAhead, '\x01');
  numbers.assign(list.size() + kSpareNumbers, 0);
  const size_t count =
      ReadRowNumbers(std::string_view(followed).substr(0, list.size()), limit, numbers.data());
  if (count != kNotStraight) numbers.resize(count);
  return count;
}

std::string Packed(const std::vector<uint32_t>& numbers) {
  std::string list;
  for (const uint32_t number : numbers) Writer(&list).Varint(number);
  return list;
}

TEST(PackedTest, NumbersOfAnyLengthInAnyOrderAreRead) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20000; ++round) {
    // Some lists are of one length, some change often.
    const uint64_t change = 1 + random() % 12;
    std::vector<uint32_t> expected;
    uint32_t top = 0x7F;
    for (size_t i = random() % 60; i > 0; --i) {
      if (random() % change == 0) {
        constexpr uint32_t kTops[] = {0x7F, 0x3FFF, 0x3FFF, 0x1FFFFF, 0xFFFFFFF};
        top = kTops[random() % std::size(kTops)];
      }
      expected.push_back(static_cast<uint32_t>(random()) & top);
    }
    std::vector<uint32_t> actual;
    ASSERT_EQ(Read(Packed(expected), kAny, actual), expected.size()) << round;
    ASSERT_EQ(actual, expected) << round;
  }
}

TEST(PackedTest, ANumberAtOrAboveTheLimitIsSeenWhereverItStands) {
  for (const uint32_t limit : {1u, 100u, 127u, 128u, 129u, 5000u, 16383u, 16384u, 70000u}) {
    for (const size_t size : {1u, 2u, 7u, 8u, 9u, 16u, 17u, 30u}) {
      for (size_t place = 0; place < size; ++place) {
        std::vector<uint32_t> numbers(size, limit - 1);
        std::vector<uint32_t> read;
        EXPECT_EQ(Read(Packed(numbers), limit, read), size);
        numbers[place] = limit;
        EXPECT_EQ(Read(Packed(numbers), limit, read), kNotStraight) << limit << " at " << place;
      }
    }
  }
}

TEST(PackedTest, AListThatIsCutOffIsNotStraight) {
  std::vector<uint32_t> read;
  for (const uint32_t last : {200u, 20000u, 3000000u}) {
    for (size_t before = 0; before < 20; ++before) {
      for (const uint32_t other : {5u, 500u}) {
        std::vector<uint32_t> numbers(before, other);
        numbers.push_back(last);
        std::string list = Packed(numbers);
        list.pop_back();
        EXPECT_EQ(Read(list, kAny, read), kNotStraight) << before << " " << other << " " << last;
      }
    }
  }
}

TEST(PackedTest, NumbersThatAreLongerThanNeedBeAreRead) {
  std::vector<uint32_t> read;
  EXPECT_EQ(Read(std::string("\x85\x00\x05\x85\x80\x00", 6), kAny, read), 3u);
  EXPECT_EQ(read, (std::vector<uint32_t>{5, 5, 5}));
}

TEST(PackedTest, AnEmptyListHasNoNumberThatCouldBeTooLarge) {
  std::vector<uint32_t> read;
  EXPECT_EQ(Read("", 1, read), 0u);
}

TEST(PackedTest, ANumberOfManyBytesIsLeftToTheCaller) {
  std::vector<uint32_t> read;
  EXPECT_EQ(Read(std::string(9, '\x80') + '\x01', kAny, read), kNotStraight);
  EXPECT_EQ(Read(std::string(20, '\xff'), kAny, read), kNotStraight);
}

#if defined(__x86_64__)

// Like Read; the list is the last that can be read, and `before` stands before it.
size_t ReadWide(const std::string& list, uint32_t limit, std::vector<uint32_t>& numbers,
                char before = '\xff') {
  // Behind a vector's bytes the sanitizers see what is read.
  std::vector<char> bytes(1, before);
  bytes.insert(bytes.end(), list.begin(), list.end());
  numbers.assign(list.size() + kSpareNumbers, 0);
  const size_t count = ReadRowNumbersWide({bytes.data() + 1, list.size()}, limit, numbers.data());
  if (count != kNotStraight) numbers.resize(count);
  return count;
}

class WidePackedTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Instructions::OfThisMachine().wide_bytes) GTEST_SKIP() << "this machine has no AVX-512";
  }
};

TEST_F(WidePackedTest, NumbersOfOneAndTwoBytesInAnyOrderAreRead) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20000; ++round) {
    const uint64_t change = 1 + random() % 12;
    std::vector<uint32_t> expected;
    uint32_t top = 0x7F;
    for (size_t i = random() % 200; i > 0; --i) {
      if (random() % change == 0) top = random() % 2 == 0 ? 0x7F : kWideLimit - 1;
      expected.push_back(static_cast<uint32_t>(random()) & top);
    }
    std::vector<uint32_t> actual;
    ASSERT_EQ(ReadWide(Packed(expected), kWideLimit, actual), expected.size()) << round;
    ASSERT_EQ(actual, expected) << round;
  }
}

TEST_F(WidePackedTest, ANumberAtOrAboveTheLimitIsSeenWhereverItStands) {
  for (const uint32_t limit : {1u, 100u, 128u, 129u, 5000u, 16383u, 16384u}) {
    for (const size_t size : {1u, 31u, 32u, 33u, 63u, 64u, 65u, 130u}) {
      for (size_t place = 0; place < size; ++place) {
        std::vector<uint32_t> numbers(size, limit - 1);
        std::vector<uint32_t> read;
        EXPECT_EQ(ReadWide(Packed(numbers), limit, read), size);
        numbers[place] = limit;
        EXPECT_EQ(ReadWide(Packed(numbers), limit, read), kNotStraight) << limit << " at " << place;
      }
    }
  }
}

TEST_F(WidePackedTest, NumbersOfThreeBytesAndListsThatAreCutOffAreLeftToTheCaller) {
  std::vector<uint32_t> read;
  for (const std::string_view last : {"\x80\x80\x01", "\xff\xff\xff", "\x80\x80", "\x80"}) {
    for (size_t before = 0; before < 140; ++before) {
      std::string list(before, '\x05');
      list += last;
      EXPECT_EQ(ReadWide(list, kWideLimit, read), kNotStraight) << before;
    }
  }
}

TEST_F(WidePackedTest, NumbersThatAreLongerThanNeedBeAreRead) {
  std::vector<uint32_t> read;
  EXPECT_EQ(ReadWide(std::string("\x85\x00\x05", 3), 6, read), 2u);
  EXPECT_EQ(read, (std::vector<uint32_t>{5, 5}));
}

TEST_F(WidePackedTest, AnEmptyListIsRead) {
  std::vector<uint32_t> read;
  EXPECT_EQ(ReadWide("", 1, read), 0u);
}

#endif

}  // namespace
}  // namespace flameway::wire
