// SPDX-License-Identifier: Apache-2.0
#include "tests/support/wire_emitter.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "tests/support/request_generator.h"
#include "tests/support/wire_bytes.h"

namespace flameway {
namespace {

using google::protobuf::util::MessageDifferencer;
using schema::ExportProfilesServiceRequest;

// Fields no dialect has are no content.
ExportProfilesServiceRequest Parse(const std::string& bytes) {
  ExportProfilesServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(bytes));
  request.DiscardUnknownFields();
  return request;
}

bool SaysTheSame(const ExportProfilesServiceRequest& a, const ExportProfilesServiceRequest& b) {
  MessageDifferencer differencer;
  differencer.set_message_field_comparison(MessageDifferencer::EQUIVALENT);
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  differencer.set_field_comparator(&comparator);
  return differencer.Compare(a, b);
}

TEST(WireEmitterTest, ThePlainStyleIsWhatLibprotobufWrites) {
  RequestGenerator generator({});
  for (const auto& request : generator.Take(10)) {
    WireEmitter emitter({}, 1);
    EXPECT_EQ(emitter.Emit(request), request.SerializeAsString());
  }
}

TEST(WireEmitterTest, EveryStyleParsesToTheSameMessage) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    RequestGenerator generator(RequestGeneratorOptions::ForSeed(seed));
    WireStyle style = WireStyle::Anything();
    style.repeated_singular_share = 0.2;
    WireEmitter emitter(style, seed);
    for (const auto& request : generator.Take(3)) {
      EXPECT_TRUE(SaysTheSame(request, Parse(emitter.Emit(request)))) << "seed " << seed;
    }
  }
}

TEST(WireEmitterTest, EqualSeedsWriteEqualBytes) {
  const auto request = RequestGenerator({}).Next();
  WireEmitter a(WireStyle::Anything(), 7);
  WireEmitter b(WireStyle::Anything(), 7);
  WireEmitter c(WireStyle::Anything(), 8);
  const std::string bytes = a.Emit(request);
  EXPECT_EQ(bytes, b.Emit(request));
  EXPECT_NE(bytes, c.Emit(request));
}

TEST(WireEmitterTest, DescendingOrderPutsTheDictionaryFirst) {
  WireStyle style;
  style.order = WireStyle::FieldOrder::kDescending;
  EXPECT_EQ(WireEmitter(style, 1).Emit(RequestGenerator({}).Next()).front(), '\x12');
}

TEST(WireEmitterTest, ListsTakeTheFormAskedFor) {
  schema::Sample sample;
  sample.add_values(1);
  sample.add_values(-1);
  sample.add_timestamps_unix_nano(2);
  EXPECT_EQ(WireEmitter({}, 1).Emit(sample).substr(0, 3), std::string("\x22\x0b\x01", 3));
  WireStyle unpacked;
  unpacked.unpacked_share = 1;
  const std::string bytes = WireEmitter(unpacked, 1).Emit(sample);
  EXPECT_EQ(bytes.substr(0, 3), std::string("\x20\x01\x20", 3));
  EXPECT_EQ(bytes.substr(13), std::string("\x29\x02\0\0\0\0\0\0\0", 9));
}

TEST(WireBytesTest, LongVarintsMeanTheSame) {
  for (size_t min_bytes = 1; min_bytes <= kMaxVarintBytes; ++min_bytes) {
    std::string bytes;
    AppendVarint(300, &bytes, min_bytes);
    EXPECT_EQ(bytes.size(), std::max<size_t>(2, min_bytes));
    std::string_view rest = bytes;
    EXPECT_EQ(TakeVarint(&rest), 300u);
    EXPECT_TRUE(rest.empty());
  }
}

TEST(WireBytesTest, CutFieldsAreNone) {
  WireEmitter emitter({}, 1);
  schema::Sample sample;
  sample.set_stack_index(300);
  const std::string bytes = emitter.Emit(sample);
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view prefix(bytes.data(), size);
    EXPECT_FALSE(TakeField(&prefix).has_value()) << size;
  }
}

}  // namespace
}  // namespace flameway
