// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/codec.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace flameway {
namespace {

TEST(CodecTest, NamesAreReadInAnyCase) {
  EXPECT_EQ(ParseCodec(""), Codec::kNone);
  EXPECT_EQ(ParseCodec("none"), Codec::kNone);
  EXPECT_EQ(ParseCodec("Identity"), Codec::kNone);
  EXPECT_EQ(ParseCodec("GZIP"), Codec::kGzip);
  EXPECT_EQ(ParseCodec("zstd"), Codec::kZstd);
  EXPECT_EQ(ParseCodec("sNaPpY"), Codec::kSnappy);
}

TEST(CodecTest, OtherNamesAreNoCodec) {
  for (const std::string_view name : {"deflate", "gzip,zstd", " gzip", "gzip ", "zst", "unknown"}) {
    EXPECT_EQ(ParseCodec(name), std::nullopt) << name;
  }
}

TEST(CodecTest, EachNameParsesBackToItsCodec) {
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kZstd, Codec::kSnappy}) {
    EXPECT_EQ(ParseCodec(CodecName(codec)), codec);
  }
}

TEST(CodecTest, MagicBytesTellTheCodec) {
  EXPECT_EQ(SniffCodec("\x28\xB5\x2F\xFD rest"), Codec::kZstd);
  EXPECT_EQ(SniffCodec("\x50\x2A\x4D\x18 skippable"), Codec::kZstd);
  EXPECT_EQ(SniffCodec("\x5F\x2A\x4D\x18"), Codec::kZstd);
  EXPECT_EQ(SniffCodec("\x1F\x8B\x08"), Codec::kGzip);
  EXPECT_EQ(SniffCodec({"\xFF\x06\x00\x00sNaPpY", 10}), Codec::kSnappy);
}

TEST(CodecTest, EverythingElseIsPlain) {
  for (const std::string_view bytes : {"", "\x0A\x05hello", "\x12", "\x1F\x8B\x07", "\x1F\x8B",
                                       "\x28\xB5\x2F", "\x60\x2A\x4D\x18", "\x4F\x2A\x4D\x18"}) {
    EXPECT_EQ(SniffCodec(bytes), Codec::kNone);
  }
  EXPECT_EQ(SniffCodec({"\xFF\x06\x00\x00sNaPp", 9}), Codec::kNone);
}

}  // namespace
}  // namespace flameway
