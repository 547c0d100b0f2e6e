// SPDX-License-Identifier: Apache-2.0
// Bombs: what the bounds of a decompression stop, at which byte, and in how much memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/config.h"
#include "bridge/compress/bounded_output.h"
#include "bridge/compress/compressor.h"
#include "bridge/compress/decompressor.h"
#include "tests/bridge/compress/payloads.h"

#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
#define FLAMEWAY_MEMORY_IS_MEASURABLE 0  // the sanitizer keeps freed memory
#else
#define FLAMEWAY_MEMORY_IS_MEASURABLE 1
#endif

namespace flameway {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

struct Body {
  const char* name;
  Codec codec;
  std::string bytes;
};

std::string Snappy(std::string_view content) {
  Compressor compressor;
  std::string output;
  EXPECT_TRUE(compressor.Compress(Codec::kSnappy, 0, content, &output).ok());
  return output;
}

std::string Repeated(const std::string& part, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += part;
  return all;
}

// `content` in every form a body can take.
std::vector<Body> AllForms(std::string_view content) {
  const std::string_view first = content.substr(0, content.size() / 2);
  const std::string_view second = content.substr(content.size() / 2);
  constexpr ZstdFrameOptions kStated = {.size = ZstdSize::kStated};
  return {
      {"zstd with size", Codec::kZstd, ZstdFrame(content, kStated)},
      {"zstd without size", Codec::kZstd, ZstdFrame(content, {.window_log = 23})},
      {"zstd frames", Codec::kZstd, ZstdFrame(first, kStated) + ZstdFrame(second)},
      {"gzip", Codec::kGzip, ZlibGzip(content)},
      {"gzip members", Codec::kGzip, ZlibGzip(first) + ZlibGzip(second)},
      {"gzip, small last member", Codec::kGzip, ZlibGzip(content) + ZlibGzip("")},
      {"snappy", Codec::kSnappy, Snappy(content)},
  };
}

DecompressError Decode(const DecompressLimits& limits, const Body& body, std::string* output) {
  Decompressor decompressor(limits);
  return decompressor.Decompress(body.codec, body.bytes, output);
}

TEST(DecompressLimitsTest, OutputOfExactlyTheCapPassesAndOneByteMoreDoesNot) {
  const std::string content = ProfileLikeBytes(700'000);
  for (const Body& body : AllForms(content)) {
    std::string output;
    EXPECT_EQ(Decode({.max_output_bytes = content.size()}, body, &output), DecompressError::kNone)
        << body.name;
    EXPECT_TRUE(output == content) << body.name;
    EXPECT_EQ(Decode({.max_output_bytes = content.size() - 1}, body, &output),
              DecompressError::kTooLarge)
        << body.name;
    EXPECT_EQ(output, "");
    EXPECT_EQ(Decode({.max_output_bytes = 0}, body, &output), DecompressError::kTooLarge)
        << body.name;
  }
}

TEST(DecompressLimitsTest, PlainBytesKeepTheCapToo) {
  std::string output = "before";
  EXPECT_EQ(Decode({.max_output_bytes = 3}, {"", Codec::kNone, "abcd"}, &output),
            DecompressError::kTooLarge);
  EXPECT_EQ(output, "");
  EXPECT_EQ(Decode({.max_output_bytes = 4}, {"", Codec::kNone, "abcd"}, &output),
            DecompressError::kNone);
  EXPECT_EQ(output, "abcd");
}

TEST(DecompressLimitsTest, RatioIsJudgedToTheByte) {
  for (const Body& body : AllForms(std::string(300'000, 'x'))) {
    const size_t input = body.bytes.size();
    const auto ratio = static_cast<uint32_t>(300'000 / input);  // rounded down: just too little
    std::string output;
    EXPECT_EQ(Decode({.max_ratio = ratio, .ratio_free_bytes = 0}, body, &output),
              300'000 % input == 0 ? DecompressError::kNone : DecompressError::kRatioTooHigh)
        << body.name;
    EXPECT_EQ(Decode({.max_ratio = ratio + 1, .ratio_free_bytes = 0}, body, &output),
              DecompressError::kNone)
        << body.name;
    EXPECT_EQ(Decode({.max_ratio = 0, .ratio_free_bytes = 300'000}, body, &output),
              DecompressError::kNone)
        << body.name;
    EXPECT_EQ(Decode({.max_ratio = 0, .ratio_free_bytes = 299'999}, body, &output),
              DecompressError::kRatioTooHigh)
        << body.name;
  }
}

TEST(DecompressLimitsTest, ATinyBodyOfAMebibyteIsNoBomb) {
  for (const Body& body : AllForms(std::string(kMiB, '\0'))) {
    std::string output;
    EXPECT_EQ(Decode({}, body, &output), DecompressError::kNone) << body.name;
    EXPECT_EQ(output.size(), kMiB);
  }
}

TEST(DecompressLimitsTest, BombsAreStoppedByTheirRatioInLittleMemory) {
  for (const Body& bomb : AllForms(std::string(64 * kMiB, '\0'))) {
    if (bomb.codec == Codec::kSnappy) continue;  // cannot do better than 22 : 1
    std::string output;
    DecompressError error = DecompressError::kNone;
    const long grown = PeakMemoryGrowth([&] { error = Decode({}, bomb, &output); });
    EXPECT_EQ(error, DecompressError::kRatioTooHigh) << bomb.name;
    EXPECT_EQ(output, "");
    const size_t allowed = std::max(kMiB, 200 * bomb.bytes.size()) + 10 * kMiB;
    if (FLAMEWAY_MEMORY_IS_MEASURABLE && grown >= 0) {
      EXPECT_LT(static_cast<size_t>(grown), allowed) << bomb.name;
    }
  }
}

TEST(DecompressLimitsTest, SnappyBombIsStoppedWhenTheRatioIsTight) {
  const Body bomb = {"snappy", Codec::kSnappy, Snappy(std::string(64 * kMiB, '\0'))};
  std::string output;
  EXPECT_EQ(Decode({.max_ratio = 20}, bomb, &output), DecompressError::kRatioTooHigh);
  EXPECT_EQ(Decode({.max_output_bytes = 63 * kMiB}, bomb, &output), DecompressError::kTooLarge);
}

TEST(DecompressLimitsTest, ManySmallFramesCountIntoOneLimit) {
  const std::string content(kMiB / 4, '\0');
  for (Body body : AllForms(content)) {
    body.bytes = Repeated(body.bytes, 40);
    std::string output;
    EXPECT_EQ(Decode({.max_output_bytes = 9 * kMiB, .max_ratio = UINT32_MAX}, body, &output),
              DecompressError::kTooLarge)
        << body.name;
    EXPECT_EQ(Decode({.max_output_bytes = 10 * kMiB, .max_ratio = UINT32_MAX}, body, &output),
              DecompressError::kNone)
        << body.name;
    EXPECT_EQ(output.size(), 10 * kMiB);
  }
}

TEST(DecompressLimitsTest, SixtyFourMebibytesCostTheirSizeAndLittleMore) {
  if (!FLAMEWAY_MEMORY_IS_MEASURABLE) GTEST_SKIP() << "the sanitizer keeps freed memory";
  const std::vector<Body> bodies = AllForms(std::string(64 * kMiB, '\0'));
  for (const Body& body : bodies) {
    std::string output;
    DecompressError error = DecompressError::kDamaged;
    const long grown =
        PeakMemoryGrowth([&] { error = Decode({.max_ratio = UINT32_MAX}, body, &output); });
    if (grown < 0) GTEST_SKIP() << "the system does not tell the peak";
    EXPECT_EQ(error, DecompressError::kNone) << body.name;
    EXPECT_EQ(output.size(), 64 * kMiB);
    EXPECT_LT(grown, static_cast<long>(80 * kMiB)) << body.name;
    EXPECT_GT(grown, static_cast<long>(60 * kMiB)) << body.name << ": was it measured?";
  }
}

TEST(DecompressLimitsTest, StatedSizesTakeNoMemoryBeyondTheBound) {
  // A frame of one segment that states 8 MiB, and a member that states 4 GiB - 1: both lie.
  std::string frame = "\x28\xB5\x2F\xFD\xA0";
  frame += std::string("\0\0\x80\0", 4) + std::string("\x01\0\0", 3);
  std::string member = ZlibGzip(ProfileLikeBytes(10'000));
  member.replace(member.size() - 4, 4, "\xFF\xFF\xFF\xFF");
  std::string chunks = SnappyIdentifier();
  for (int i = 0; i < 1000; ++i) chunks += SnappyChunk(0x00, "\1\2\3\4\x80\x80\x04");  // 64 KiB
  for (const Body& lie : {Body{"zstd", Codec::kZstd, frame}, Body{"gzip", Codec::kGzip, member},
                          Body{"snappy", Codec::kSnappy, chunks}}) {
    std::string output;
    DecompressError error = DecompressError::kNone;
    const long grown = PeakMemoryGrowth([&] { error = Decode({}, lie, &output); });
    EXPECT_NE(error, DecompressError::kNone) << lie.name;
    if (FLAMEWAY_MEMORY_IS_MEASURABLE && grown >= 0) {
      EXPECT_LT(grown, static_cast<long>(4 * kMiB)) << lie.name;
    }
  }
}

TEST(BoundedOutputTest, RoomEndsAtTheBound) {
  std::string text;
  BoundedOutput output(&text, 100, DecompressError::kTooLarge);
  EXPECT_EQ(output.Room(1'000'000).size(), 100u);
  output.Commit(60);
  EXPECT_EQ(output.Room(1'000'000).size(), 40u);
  EXPECT_EQ(output.left(), 40u);
  output.Finish();
  EXPECT_EQ(text.size(), 60u);
}

TEST(BoundedOutputTest, WhatIsCommittedSurvivesGrowth) {
  std::string text;
  BoundedOutput output(&text, 20 * kMiB, DecompressError::kTooLarge);
  std::string expected;
  for (size_t size = 1; output.left() > 0; size *= 3) {
    const std::string piece = RandomBytes(std::min(size, output.left()));
    piece.copy(output.Room(piece.size()).data(), piece.size());
    output.Commit(piece.size());
    expected += piece;
  }
  output.Finish();
  EXPECT_TRUE(text == expected);
}

TEST(BoundedOutputTest, CapacityAndOldTextAreReused) {
  std::string text(5000, 'x');
  const char* const before = text.data();
  BoundedOutput output(&text, 1000, DecompressError::kTooLarge);
  EXPECT_EQ(output.Room(1).size(), 1000u) << "no less than what is there anyway";
  output.Commit(10);
  output.Finish();
  EXPECT_EQ(text, std::string(10, 'x'));
  EXPECT_EQ(text.data(), before);
}

}  // namespace
}  // namespace flameway
