// SPDX-License-Identifier: Apache-2.0
// The reader against libprotobuf, on bytes that are mostly nearly right.
#include "tests/proto/wire/reader_agreement.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/wire/reader.h"
#include "tests/support/dice.h"
#include "tests/support/wire_bytes.h"

namespace flameway::wire {
namespace {

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

TEST(ReaderAgreementTest, ReadsWhatProtobufReads) {
  Dice dice(1);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 200'000 && !testing::Test::HasFailure(); ++i) {
    const std::string bytes = NearlyRight(dice);
    EXPECT_EQ(ReaderDisagreement(bytes), "") << testing::PrintToString(bytes);
    Reader ours(bytes);
    while (ours.Next()) {
    }
    ++(ours.error() == ReadError::kNone ? accepted : refused);
  }
  EXPECT_GT(accepted, 50'000);
  EXPECT_GT(refused, 30'000);
}

TEST(ReaderAgreementTest, TheListedDifferencesAreAllThereIs) {
  std::string tag_over_32_bits;  // to libprotobuf, field 1
  AppendVarint((uint64_t{1} << 32) + 8, &tag_over_32_bits);
  tag_over_32_bits += '\x01';
  std::string length_over_32_bits = "\x0A";  // to libprotobuf, 1
  AppendVarint((uint64_t{1} << 32) + 1, &length_over_32_bits);
  length_over_32_bits += 'x';
  std::string groups;
  for (int i = 0; i < kMaxGroupDepth + 1; ++i) AppendTag(5, 3, &groups);
  for (int i = 0; i < kMaxGroupDepth + 1; ++i) AppendTag(5, 4, &groups);
  const auto error = [](std::string_view bytes) {
    Reader reader(bytes);
    while (reader.Next()) {
    }
    return reader.error();
  };
  EXPECT_EQ(error(tag_over_32_bits), ReadError::kBadTag);
  EXPECT_EQ(error(length_over_32_bits), ReadError::kTruncated);
  EXPECT_EQ(error(groups), ReadError::kGroupDepth);
  for (const std::string& bytes : {tag_over_32_bits, length_over_32_bits, groups}) {
    EXPECT_EQ(ReaderDisagreement(bytes), "") << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace flameway::wire
