// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/dice.h"
#include "tests/support/wire_bytes.h"

namespace flameway::wire {
namespace {

using std::string_literals::operator""s;

struct Field {
  uint32_t number;
  WireType type;
  uint64_t value = 0;
  std::string bytes;
  friend bool operator==(const Field&, const Field&) = default;
};

struct Walk {
  std::vector<Field> fields;
  ReadError error = ReadError::kNone;
  size_t error_offset = 0;
};

Walk WalkOf(std::string_view message) {
  Walk walk;
  Reader reader(message);
  while (reader.Next()) {
    Field field{.number = reader.field(), .type = reader.type()};
    if (field.type == WireType::kBytes) {
      field.bytes = reader.bytes();
    } else if (field.type != WireType::kGroup) {
      field.value = reader.value();
    }
    walk.fields.push_back(field);
  }
  walk.error = reader.error();
  walk.error_offset = static_cast<size_t>(reader.error_position() - message.data());
  EXPECT_FALSE(reader.Next()) << "a reader that stopped stays stopped";
  return walk;
}

std::string Groups(int depth) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += '\x0B';
  for (int i = 0; i < depth; ++i) out += '\x0C';
  return out;
}

// One field of every type, a group with one of each in it, tags of one and five bytes.
std::string Sample() {
  std::string out = "\x08\x96\x01"s;                  // 1: varint 150
  out += "\x11\x01\x02\x03\x04\x05\x06\x07\x08"s;     // 2: fixed64
  out += "\x1A\x03"s + "abc";                         // 3: bytes
  out += "\x25\x01\x02\x03\x04"s;                     // 4: fixed32
  out += "\x2B\x08\x01\x11"s + std::string(8, 'x');   // 5: group { 1, 2,
  out += "\x1A\x01y\x25"s + "zzzz" + "\x33\x34\x2C";  //   3, 4, 6: group {} }
  AppendTag((1 << 29) - 1, 0, &out);
  out += '\x07';
  return out;
}

TEST(ReaderTest, ReadsEveryType) {
  const Walk walk = WalkOf(Sample());
  EXPECT_EQ(walk.error, ReadError::kNone);
  const std::vector<Field> expected = {
      {1, WireType::kVarint, 150, ""}, {2, WireType::kFixed64, 0x0807060504030201, ""},
      {3, WireType::kBytes, 0, "abc"}, {4, WireType::kFixed32, 0x04030201, ""},
      {5, WireType::kGroup, 0, ""},    {(1 << 29) - 1, WireType::kVarint, 7, ""},
  };
  EXPECT_EQ(walk.fields, expected);
}

TEST(ReaderTest, AnEmptyMessageEndsWithoutError) {
  EXPECT_TRUE(WalkOf("").fields.empty());
  EXPECT_EQ(WalkOf("").error, ReadError::kNone);
}

TEST(ReaderTest, EveryPrefixEndsBetweenFieldsOrIsTruncated) {
  const std::string sample = Sample();
  std::vector<size_t> ends = {0};
  {
    Reader reader(sample);
    while (reader.Next()) ends.push_back(static_cast<size_t>(reader.position() - sample.data()));
  }
  size_t whole = 0;
  for (size_t size = 0; size <= sample.size(); ++size) {
    if (whole + 1 < ends.size() && ends[whole + 1] == size) ++whole;
    const Walk walk = WalkOf(std::string_view(sample).substr(0, size));
    EXPECT_EQ(walk.fields.size(), whole) << size;
    EXPECT_EQ(walk.error, ends[whole] == size ? ReadError::kNone : ReadError::kTruncated) << size;
    EXPECT_LE(walk.error_offset, size);
  }
}

TEST(ReaderTest, GroupsAreSkippedThirtyTwoDeepAndNoDeeper) {
  EXPECT_EQ(WalkOf(Groups(kMaxGroupDepth)).error, ReadError::kNone);
  EXPECT_EQ(WalkOf(Groups(kMaxGroupDepth)).fields.size(), 1u);
  EXPECT_EQ(WalkOf(Groups(kMaxGroupDepth + 1)).error, ReadError::kGroupDepth);
  // Depth is measured, not counted over siblings; and no number of groups needs a stack.
  std::string siblings;
  for (int i = 0; i < 1000; ++i) siblings += Groups(kMaxGroupDepth);
  EXPECT_EQ(WalkOf(siblings).fields.size(), 1000u);
  EXPECT_EQ(WalkOf(std::string(1 << 20, '\x0B')).error, ReadError::kGroupDepth);
}

TEST(ReaderTest, GroupsMustBeClosedByTheirOwnNumber) {
  EXPECT_EQ(WalkOf("\x0C").error, ReadError::kBadTag);              // none open
  EXPECT_EQ(WalkOf("\x0B\x14").error, ReadError::kBadTag);          // 1 closed as 2
  EXPECT_EQ(WalkOf("\x0B\x13\x0C\x14").error, ReadError::kBadTag);  // crossed
  EXPECT_EQ(WalkOf("\x0B\x13\x14").error, ReadError::kTruncated);   // left open
  EXPECT_EQ(WalkOf("\x0B\x13\x14\x0C").error, ReadError::kNone);
}

TEST(ReaderTest, DamageInsideAGroupIsNoticed) {
  EXPECT_EQ(WalkOf("\x0B\x02\x0C"s).error, ReadError::kBadTag);  // field number 0
  EXPECT_EQ(WalkOf("\x0B\x0E\x0C"s).error, ReadError::kBadTag);  // wire type 6
  EXPECT_EQ(WalkOf("\x0B\x12\x05\x0C"s).error, ReadError::kTruncated);
  EXPECT_EQ(WalkOf("\x0B\x11\x0C"s).error, ReadError::kTruncated);
  EXPECT_EQ(WalkOf("\x0B\x15\x0C"s).error, ReadError::kTruncated);
  EXPECT_EQ(WalkOf("\x0B\x08"s + std::string(11, '\xFF')).error, ReadError::kVarintTooLong);
  EXPECT_EQ(WalkOf("\x0B\x88\x80\x80\x80\x10\x01\x0C"s).error, ReadError::kBadTag);
}

TEST(ReaderTest, TagsStayWithinThirtyTwoBits) {
  EXPECT_EQ(WalkOf("\xF8\xFF\xFF\xFF\x0F\x01"s).error, ReadError::kNone);    // 2^29 - 1
  EXPECT_EQ(WalkOf("\x80\x80\x80\x80\x10\x01"s).error, ReadError::kBadTag);  // 2^32
  EXPECT_EQ(WalkOf("\x88\x80\x80\x80\x10\x01"s).error, ReadError::kBadTag);  // 2^32 + 8: not 1
  EXPECT_EQ(WalkOf("\x88\x80\x80\x80\x80\x01\x01"s).error, ReadError::kBadTag);
  EXPECT_EQ(WalkOf("\x88\x80\x80\x80\x80\x00\x01"s).error, ReadError::kNone);  // overlong 1
}

TEST(ReaderTest, NumberZeroAndUnknownTypesAreBadTags) {
  for (const char type : std::initializer_list<char>{0, 1, 2, 3, 5}) {
    EXPECT_EQ(WalkOf(std::string(1, type) + std::string(16, '\0')).error, ReadError::kBadTag);
  }
  for (const char type : std::initializer_list<char>{6, 7}) {
    const Walk walk = WalkOf("\x08\x01"s + static_cast<char>(8 | type) + "1234");
    EXPECT_EQ(walk.error, ReadError::kBadTag);
    EXPECT_EQ(walk.error_offset, 2u) << "where the tag begins";
  }
}

TEST(ReaderTest, LengthsPastTheEndAreTruncatedHoweverLarge) {
  for (const uint64_t size :
       {uint64_t{1}, uint64_t{0x7FFFFFFF}, uint64_t{1} << 32, uint64_t{1} << 63, ~uint64_t{0}}) {
    std::string message = "\x0A";
    AppendVarint(size, &message);
    EXPECT_EQ(WalkOf(message).error, ReadError::kTruncated) << size;
  }
}

TEST(ReaderTest, VarintsOfElevenBytesAreTooLongAnywhere) {
  const std::string eleven(11, '\xFF');
  EXPECT_EQ(WalkOf(eleven).error, ReadError::kVarintTooLong);
  EXPECT_EQ(WalkOf("\x08" + eleven).error, ReadError::kVarintTooLong);
  EXPECT_EQ(WalkOf("\x0A" + eleven).error, ReadError::kVarintTooLong);
}

TEST(ReadVarintFieldsTest, AgreesWithTheReaderOnWhatItTakes) {
  std::string message;
  for (uint32_t field : {1u, 4u, 2u, 1u}) {
    AppendTag(field, 0, &message);
    AppendVarint(uint64_t{field} << 40 | message.size(), &message, field);
  }
  uint64_t values[5] = {};
  ASSERT_TRUE(ReadVarintFields<4>(message, values));
  uint64_t expected[5] = {};
  Reader reader(message);
  while (reader.Next()) expected[reader.field()] = reader.value();
  EXPECT_TRUE(std::equal(std::begin(values), std::end(values), std::begin(expected)));
}

TEST(ReadVarintFieldsTest, LeavesEverythingElseToTheReader) {
  uint64_t values[5] = {};
  EXPECT_TRUE(ReadVarintFields<4>("", values));
  EXPECT_FALSE(ReadVarintFields<4>("\x28\x01", values)) << "number 5";
  EXPECT_FALSE(ReadVarintFields<4>("\x0A\x01z", values)) << "bytes";
  EXPECT_FALSE(ReadVarintFields<4>("\x88\x00\x01"s, values)) << "overlong tag";
  EXPECT_FALSE(ReadVarintFields<4>("\x00\x01"s, values)) << "number 0";
  EXPECT_FALSE(ReadVarintFields<4>("\x08", values)) << "cut off";
  EXPECT_FALSE(ReadVarintFields<4>("\x08" + std::string(11, '\x80'), values)) << "too long";
}

}  // namespace
}  // namespace flameway::wire
