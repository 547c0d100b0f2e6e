// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "proto/wire/reader.h"
#include "tests/support/dice.h"

namespace flameway::wire {
namespace {

constexpr uint64_t kValues[] = {0,       1,       127,        128,        16'383,    16'384,
                                1 << 20, 1 << 21, 0xFFFFFFFF, UINT64_MAX, 1ull << 63};
constexpr uint32_t kFields[] = {1, 15, 16, 2047, 2048, (1 << 29) - 1};

TEST(WriterTest, WhatIsWrittenReadsBack) {
  for (const uint32_t field : kFields) {
    for (const uint64_t value : kValues) {
      std::string out;
      Writer writer(&out);
      writer.VarintField(field, value);
      writer.Fixed64Field(field, value);
      writer.BytesField(field, "text");
      Reader reader(out);
      ASSERT_TRUE(reader.Next());
      EXPECT_EQ(reader.field(), field);
      EXPECT_EQ(reader.type(), WireType::kVarint);
      EXPECT_EQ(reader.value(), value);
      ASSERT_TRUE(reader.Next());
      EXPECT_EQ(reader.type(), WireType::kFixed64);
      EXPECT_EQ(reader.value(), value);
      ASSERT_TRUE(reader.Next());
      EXPECT_EQ(reader.type(), WireType::kBytes);
      EXPECT_EQ(reader.bytes(), "text");
      EXPECT_FALSE(reader.Next());
      EXPECT_EQ(reader.error(), ReadError::kNone);
    }
  }
}

TEST(WriterTest, ZeroIsLeftOutOnlyWhereSaidSo) {
  std::string out;
  Writer(&out).VarintFieldUnlessZero(1, 0);
  EXPECT_EQ(out, "");
  Writer(&out).VarintField(1, 0);
  EXPECT_EQ(out.size(), 2u);
}

TEST(SmallMessageTest, HoldsTheLongestFieldsItWasMadeFor) {
  SmallMessage<2> message;
  message.VarintFieldUnlessZero((1 << 29) - 1, UINT64_MAX);
  message.VarintFieldUnlessZero(7, 0);
  message.VarintFieldUnlessZero((1 << 29) - 1, UINT64_MAX);
  std::string expected;
  Writer(&expected).VarintField((1 << 29) - 1, UINT64_MAX);
  Writer(&expected).VarintField((1 << 29) - 1, UINT64_MAX);
  EXPECT_EQ(message.bytes(), expected);
}

// The same fields given first to last and last to first.
void WriteBothWays(uint64_t seed, std::string& forth, BackWriter& back) {
  constexpr int kCount = 200;
  struct Drawn {
    uint64_t kind, value;
    uint32_t field;
  };
  Drawn drawn[kCount];
  Dice dice(seed);
  for (Drawn& d : drawn) {
    d = {dice.Below(4), dice.Bits() >> dice.Below(64), kFields[dice.Below(std::size(kFields))]};
  }
  Writer writer(&forth);
  for (const Drawn& d : drawn) {
    const std::string bytes(d.value % 300, 'x');
    if (d.kind == 0) writer.VarintField(d.field, d.value);
    if (d.kind == 1) writer.VarintFieldUnlessZero(d.field, d.value % 2);
    if (d.kind == 2) writer.Fixed64Field(d.field, d.value);
    if (d.kind == 3) writer.BytesField(d.field, bytes);
  }
  for (int i = kCount; i-- > 0;) {
    const Drawn& d = drawn[i];
    const std::string bytes(d.value % 300, 'x');
    if (d.kind == 0) back.VarintField(d.field, d.value);
    if (d.kind == 1) back.VarintFieldUnlessZero(d.field, d.value % 2);
    if (d.kind == 2) back.Fixed64Field(d.field, d.value);
    if (d.kind == 3) back.BytesField(d.field, bytes);
  }
}

TEST(BackWriterTest, WritesWhatTheWriterWrites) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    // With all the room it needs, and with less, so that it grows in the middle of fields.
    for (const size_t room : {size_t{1} << 20, size_t{0}, size_t{1}, size_t{100}}) {
      std::string forth;
      BackWriter back(room);
      WriteBothWays(seed, forth, back);
      ASSERT_EQ(back.message(), forth) << seed << ", room for " << room;
      EXPECT_EQ(back.size(), forth.size());
    }
  }
}

// By way of the cursor, which never looks whether there is room.
TEST(BackWriterTest, WhatACursorWritesIsWhatTheWriterWrites) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Dice dice(seed);
    BackWriter plain(0);
    BackWriter back(dice.Below(200));
    for (int row = 0; row < 100; ++row) {
      const std::string bytes(dice.Below(200), static_cast<char>('a' + row % 26));
      const uint64_t value = dice.Bits() >> dice.Below(64);
      const auto number = static_cast<uint32_t>(dice.Bits() >> (32 + dice.Below(32)));
      const size_t mark = plain.size();
      plain.Bytes(bytes);
      plain.Varint(value);
      plain.Varint(number);
      plain.VarintFieldUnlessZero(3, number % 2);
      plain.BytesPrefix(2, mark);
      BackCursor cursor = back.Open(bytes.size() + 2 * kMaxVarintBytes + 20);
      const char* const end = cursor.begin();
      cursor.Bytes(bytes);
      cursor.Varint(value);
      cursor.Packed(PackVarint(number));
      cursor.VarintFieldUnlessZero(3, number % 2);
      cursor.BytesPrefix(2, end);
      back.Close(cursor);
    }
    ASSERT_EQ(back.message(), plain.message()) << seed;
  }
}

TEST(BackWriterTest, APackedVarintIsTheVarint) {
  for (const uint64_t value : kValues) {
    if (value > UINT32_MAX) continue;
    BackWriter plain(0);
    plain.Varint(value);
    BackWriter back(0);
    BackCursor cursor = back.Open(kMaxVarintBytes);
    cursor.Packed(PackVarint(static_cast<uint32_t>(value)));
    back.Close(cursor);
    EXPECT_EQ(back.message(), plain.message()) << value;
  }
}

TEST(BackWriterTest, NestedMessagesGetTheirLengthWhenItIsKnown) {
  std::string inner;
  Writer(&inner).BytesField(1, std::string(200, 'a'));
  Writer(&inner).VarintField(2, 300);
  std::string expected;
  Writer(&expected).VarintField(1, 5);
  Writer(&expected).BytesField(3, inner);

  BackWriter back(0);
  const size_t mark = back.size();
  back.VarintField(2, 300);
  back.BytesField(1, std::string(200, 'a'));
  back.BytesPrefix(3, mark);
  back.VarintField(1, 5);
  EXPECT_EQ(back.message(), expected);
}

TEST(BackWriterTest, TheMessageStandsInTheStorageItHandsOver) {
  BackWriter back(4);
  back.BytesField(1, std::string(1000, 'q'));
  const std::string_view message = back.message();
  const std::string copy(message);
  const std::unique_ptr<char[]> storage = back.TakeStorage();
  EXPECT_EQ(message, copy);
}

TEST(BackWriterTest, WritesIntoMemoryThatAnotherHandedOver) {
  BackWriter first(64);
  first.Bytes("what was there before");
  const size_t capacity = first.capacity();
  std::unique_ptr<char[]> storage = first.TakeStorage();
  const char* const place = storage.get();
  BackWriter enough(std::move(storage), capacity, 10);
  enough.Bytes("abc");
  EXPECT_EQ(enough.message(), "abc");
  EXPECT_EQ(enough.message().data(), place + capacity - 3);
  enough.Clear();
  enough.Bytes("de");
  EXPECT_EQ(enough.message(), "de");
  storage = enough.TakeStorage();
  BackWriter too_little(std::move(storage), capacity, 100);
  too_little.Bytes("fgh");
  EXPECT_EQ(too_little.message(), "fgh");
  EXPECT_GE(too_little.capacity(), 100u);
}

}  // namespace
}  // namespace flameway::wire
