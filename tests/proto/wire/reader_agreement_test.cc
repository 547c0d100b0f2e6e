// SPDX-License-Identifier: Apache-2.0
// The reader against protobuf's own skipping, on bytes that are mostly nearly right.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "proto/wire/reader.h"
#include "tests/support/dice.h"
#include "tests/support/wire_bytes.h"

namespace flameway::wire {
namespace {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

bool ParseWithProtobuf(const std::string& bytes, UnknownFieldSet& fields) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  return fields.MergeFromCodedStream(&input) && input.ConsumedEntireMessage();
}

void ExpectEqual(const Reader& ours, const UnknownField& theirs) {
  ASSERT_EQ(ours.field(), static_cast<uint32_t>(theirs.number()));
  switch (theirs.type()) {
    case UnknownField::TYPE_VARINT:
      ASSERT_EQ(ours.type(), WireType::kVarint);
      EXPECT_EQ(ours.value(), theirs.varint());
      break;
    case UnknownField::TYPE_FIXED32:
      ASSERT_EQ(ours.type(), WireType::kFixed32);
      EXPECT_EQ(ours.value(), theirs.fixed32());
      break;
    case UnknownField::TYPE_FIXED64:
      ASSERT_EQ(ours.type(), WireType::kFixed64);
      EXPECT_EQ(ours.value(), theirs.fixed64());
      break;
    case UnknownField::TYPE_LENGTH_DELIMITED:
      ASSERT_EQ(ours.type(), WireType::kBytes);
      EXPECT_EQ(ours.bytes(), theirs.length_delimited());
      break;
    case UnknownField::TYPE_GROUP:
      ASSERT_EQ(ours.type(), WireType::kGroup);
      break;
  }
}

// Well-formed fields, groups among them, then a few bytes changed.
std::string NearlyRight(Dice& dice) {
  std::string out;
  const int fields = dice.Between(0, 8);
  for (int i = 0; i < fields; ++i) {
    const auto number = static_cast<uint32_t>(dice.Chance(0.9) ? dice.Between(1, 20)
                                                               : dice.Between(1, (1 << 29) - 1));
    const auto type = static_cast<uint32_t>(dice.Below(5));
    AppendTag(number, type == 4 ? 5 : type, &out);
    switch (type) {
      case 0:
        AppendVarint(dice.Bits() >> dice.Below(64), &out, dice.Below(10) + 1);
        break;
      case 1:
        out.append(8, static_cast<char>(dice.Bits()));
        break;
      case 2: {
        const size_t size = dice.Below(20);
        AppendVarint(size, &out);
        out.append(size, static_cast<char>(dice.Bits()));
        break;
      }
      case 3:
        if (dice.Chance(0.5)) out += "\x08\x01";
        AppendTag(number, 4, &out);
        break;
      default:
        out.append(4, static_cast<char>(dice.Bits()));
    }
  }
  const int changes = dice.Chance(0.5) ? 0 : dice.Between(1, 3);
  for (int i = 0; i < changes && !out.empty(); ++i) {
    out[dice.Below(out.size())] = static_cast<char>(dice.Bits());
  }
  if (dice.Chance(0.2)) out.resize(dice.Below(out.size() + 1));
  return out;
}

// What the reader refuses and protobuf does not: tags and lengths over 32 bits, which protobuf
// cuts, field number 0, where it stops or goes on depending on the type, and groups from 33 to 100
// deep.
bool MayDiffer(ReadError error, const std::string& bytes) {
  if (error == ReadError::kBadTag || error == ReadError::kGroupDepth) return true;
  const auto is_long = [](char c, int) { return static_cast<signed char>(c) < 0; };
  return error == ReadError::kTruncated &&
         std::search_n(bytes.begin(), bytes.end(), 4, 0, is_long) != bytes.end();
}

TEST(ReaderAgreementTest, ReadsWhatProtobufReads) {
  Dice dice(1);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 200'000 && !testing::Test::HasFailure(); ++i) {
    const std::string bytes = NearlyRight(dice);
    UnknownFieldSet theirs;
    const bool parsed = ParseWithProtobuf(bytes, theirs);
    Reader ours(bytes);
    int field = 0;
    while (ours.Next()) {
      if (parsed) {
        ASSERT_LT(field, theirs.field_count());
        ExpectEqual(ours, theirs.field(field));
      }
      ++field;
    }
    if (ours.error() == ReadError::kNone) {
      ASSERT_TRUE(parsed) << testing::PrintToString(bytes);
      EXPECT_EQ(field, theirs.field_count());
      ++accepted;
    } else {
      ++refused;
      EXPECT_TRUE(!parsed || MayDiffer(ours.error(), bytes)) << testing::PrintToString(bytes);
    }
  }
  EXPECT_GT(accepted, 50'000);
  EXPECT_GT(refused, 30'000);
}

}  // namespace
}  // namespace flameway::wire
