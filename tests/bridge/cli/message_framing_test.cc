// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/message_framing.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/bridge/cli/sample_request.h"

namespace flameway {
namespace {

TEST(MessageFramingTest, AnEmptyFileIsOneEmptyMessage) {
  EXPECT_EQ(DetectFraming("").value(), Framing::kBare);
}

TEST(MessageFramingTest, ARequestIsBare) {
  EXPECT_EQ(DetectFraming(EncodeSampleRequest({})).value(), Framing::kBare);
}

TEST(MessageFramingTest, RecordsThatFillTheFileAreLengthPrefixed) {
  const std::string request = EncodeSampleRequest({});
  EXPECT_EQ(DetectFraming(LengthPrefixed({request, request})).value(), Framing::kLengthPrefixed);
  EXPECT_EQ(DetectFraming(LengthPrefixed({request, "", ""})).value(), Framing::kLengthPrefixed);
  EXPECT_EQ(DetectFraming(LengthPrefixed({""})).value(), Framing::kLengthPrefixed);
}

TEST(MessageFramingTest, ADamagedRequestStaysABareMessage) {
  std::string request = EncodeSampleRequest({});
  request.pop_back();
  EXPECT_EQ(DetectFraming(request).value(), Framing::kBare);
}

TEST(MessageFramingTest, ATornTailKeepsTheFraming) {
  const std::string request = EncodeSampleRequest({});
  std::string content = LengthPrefixed({request, request});
  content.resize(content.size() - 3);
  EXPECT_EQ(DetectFraming(content).value(), Framing::kLengthPrefixed);
}

TEST(MessageFramingTest, OtherContentIsRefusedWithAHint) {
  EXPECT_FALSE(DetectFraming("{\"resourceProfiles\":[]}").ok());
  EXPECT_FALSE(DetectFraming(std::string("\xff\xff\xff\xff\xff", 5)).ok());
}

TEST(RecordCursorTest, WalksAllRecordsWithTheirOffsets) {
  const std::string content = LengthPrefixed({"abc", "", "de"});
  RecordCursor cursor(content, Framing::kLengthPrefixed);
  EXPECT_EQ(cursor.Next().value(), "abc");
  EXPECT_EQ(cursor.offset(), 4u);
  EXPECT_EQ(cursor.Next().value(), "");
  EXPECT_EQ(cursor.Next().value(), "de");
  EXPECT_EQ(cursor.offset(), 15u);
  EXPECT_EQ(cursor.Next().value(), std::nullopt);
}

TEST(RecordCursorTest, TheEndAndDamageAreDifferentAtEveryCut) {
  const std::string content = LengthPrefixed({"abc", "de"});
  for (size_t size = 0; size <= content.size(); ++size) {
    RecordCursor cursor(std::string_view(content).substr(0, size), Framing::kLengthPrefixed);
    auto record = cursor.Next();
    while (record.ok() && record->has_value()) record = cursor.Next();
    const bool whole = size == 0 || size == 7 || size == content.size();
    EXPECT_EQ(record.ok(), whole) << size;
    if (!whole) {
      EXPECT_EQ(cursor.Next().value(), std::nullopt) << size;
    }
  }
}

}  // namespace
}  // namespace flameway
