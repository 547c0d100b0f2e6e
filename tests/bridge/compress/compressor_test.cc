// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/compressor.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/compress/decompressor.h"
#include "tests/bridge/compress/payloads.h"

namespace flameway {
namespace {

constexpr Codec kAllCodecs[] = {Codec::kNone, Codec::kGzip, Codec::kZstd, Codec::kSnappy};

class CompressorTest : public testing::Test {
 protected:
  std::string Compress(Codec codec, std::string_view content, int level = 0) {
    std::string output = "left over from before";
    const absl::Status status = compressor_.Compress(codec, level, content, &output);
    EXPECT_TRUE(status.ok()) << status;
    return output;
  }
  std::string Restore(Codec codec, std::string_view bytes) {
    std::string output = "left over from before";
    EXPECT_EQ(decompressor_.Decompress(codec, bytes, &output), DecompressError::kNone)
        << CodecName(codec) << " of " << bytes.size();
    return output;
  }

  Compressor compressor_;
  Decompressor decompressor_{{.max_ratio = UINT32_MAX}};
};

TEST_F(CompressorTest, EverySizeComesBackFromEveryCodec) {
  std::vector<size_t> sizes = {0, 1, 2, 7, 100, 4095, 5'000'000};
  for (const size_t edge : {size_t{64} << 10, size_t{128} << 10, size_t{1} << 20}) {
    for (size_t size = edge - 1; size <= edge + 1; ++size) sizes.push_back(size);
  }
  for (const Codec codec : kAllCodecs) {
    for (const size_t size : sizes) {
      for (const std::string& content :
           {RandomBytes(size), ProfileLikeBytes(size), std::string(size, '\0')}) {
        ASSERT_TRUE(Restore(codec, Compress(codec, content)) == content)
            << CodecName(codec) << " " << size;
      }
    }
  }
}

TEST_F(CompressorTest, OutputIsRecognisedByItsFirstBytes) {
  for (const Codec codec : kAllCodecs) {
    EXPECT_EQ(SniffCodec(Compress(codec,
                                  "\x0A\x03"
                                  "abc")),
              codec);
    EXPECT_EQ(SniffCodec(Compress(codec, "")), codec);
  }
}

TEST_F(CompressorTest, ProfilesBecomeSmaller) {
  const std::string content = ProfileLikeBytes(100'000);
  for (const Codec codec : {Codec::kGzip, Codec::kZstd, Codec::kSnappy}) {
    EXPECT_LT(Compress(codec, content).size(), content.size() * 3 / 4) << CodecName(codec);
  }
}

TEST_F(CompressorTest, RandomBytesGrowByLessThanOnePercent) {
  const std::string content = RandomBytes(1'000'000);
  for (const Codec codec : kAllCodecs) {
    EXPECT_LT(Compress(codec, content).size(), content.size() * 101 / 100) << CodecName(codec);
  }
}

TEST_F(CompressorTest, SameInputGivesSameBytesWhateverCameBefore) {
  const std::string content = ProfileLikeBytes(50'000);
  for (const Codec codec : kAllCodecs) {
    const std::string first = Compress(codec, content);
    static_cast<void>(Compress(codec, RandomBytes(200'000), 9));
    EXPECT_TRUE(Compress(codec, content) == first) << CodecName(codec);
  }
}

TEST_F(CompressorTest, ZeroIsTheDefaultLevel) {
  const std::string content = ProfileLikeBytes(50'000);
  EXPECT_TRUE(Compress(Codec::kZstd, content, 0) == Compress(Codec::kZstd, content, 3));
  EXPECT_TRUE(Compress(Codec::kGzip, content, 0) == Compress(Codec::kGzip, content, 6));
  EXPECT_FALSE(Compress(Codec::kZstd, content, 1) == Compress(Codec::kZstd, content, 3));
}

TEST_F(CompressorTest, SortedRowsComeBackAndOnlyTheDefaultLevelOfZstdKnows) {
  std::string sorted;
  std::string any;
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{20'000}, size_t{300'000}, size_t{3'000'000}}) {
    const std::string content = ProfileLikeBytes(size);
    for (const Codec codec : kAllCodecs) {
      for (const int level : {0, 1, 3, 5}) {
        ASSERT_TRUE(
            compressor_.Compress(codec, level, content, &sorted, Content::kSortedRows).ok());
        EXPECT_TRUE(Restore(codec, sorted) == content) << CodecName(codec) << " " << size;
        if (codec == Codec::kZstd && (level == 0 || level == 3)) continue;
        ASSERT_TRUE(compressor_.Compress(codec, level, content, &any).ok());
        EXPECT_TRUE(sorted == any) << CodecName(codec) << " " << size << ", level " << level;
      }
    }
  }
}

TEST_F(CompressorTest, AFreshOutputGetsNoMoreThanItNeeds) {
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kZstd}) {
    std::string output;
    ASSERT_TRUE(compressor_.Compress(codec, 0, ProfileLikeBytes(1'000'000), &output).ok());
    EXPECT_LE(output.capacity(), output.size() + output.size() / 8) << CodecName(codec);
  }
}

TEST_F(CompressorTest, LevelsOutOfRangeAreBroughtIntoIt) {
  const std::string content = ProfileLikeBytes(20'000);
  for (const int level : {-1'000'000, -5, -1, 12, 13, 22, 23, 1'000'000}) {
    for (const Codec codec : kAllCodecs) {
      EXPECT_TRUE(Restore(codec, Compress(codec, content, level)) == content)
          << CodecName(codec) << " " << level;
    }
  }
}

TEST_F(CompressorTest, ZstdFramesStateTheirSizeAndKeepTheWindowOfRfc9659) {
  const std::string content(size_t{17} << 20, 'x');  // longer than twice the largest window
  for (const int level : {-5, 1, 3, 6, 12, 19, 20, 21, 22}) {
    const std::string frame = Compress(Codec::kZstd, content, level);
    EXPECT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), content.size()) << level;
    const auto descriptor = static_cast<uint8_t>(frame[4]);
    EXPECT_EQ(descriptor & 0x20, 0) << "one segment, so the window would be the content";
    EXPECT_LE(static_cast<uint8_t>(frame[5]), (23 - 10) << 3) << level;
    EXPECT_TRUE(Restore(Codec::kZstd, frame) == content) << level;
  }
}

TEST_F(CompressorTest, ZlibReadsOurGzip) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{70'000}}) {
    const std::string content = ProfileLikeBytes(size);
    EXPECT_TRUE(ZlibGunzip(Compress(Codec::kGzip, content)) == content) << size;
  }
}

TEST_F(CompressorTest, SnappyChunksHoldAtMost64KiB) {
  const std::string content = ProfileLikeBytes(200'000);
  const std::string stream = Compress(Codec::kSnappy, content);
  ASSERT_TRUE(stream.starts_with(SnappyIdentifier()));
  size_t chunks = 0;
  for (size_t at = SnappyIdentifier().size(); at < stream.size(); ++chunks) {
    const auto byte = [&](size_t i) { return size_t{static_cast<uint8_t>(stream[at + i])}; };
    EXPECT_LE(byte(0), 1u);
    at += 4 + (byte(1) | byte(2) << 8 | byte(3) << 16);
  }
  EXPECT_EQ(chunks, 4u);
}

TEST_F(CompressorTest, SnappyOfFourLettersIsThePlainChunkOfOtherImplementations) {
  const std::string expected = SnappyIdentifier() + SnappyChunk(0x01,
                                                                "\x68\x10\xE6\xB6"
                                                                "abcd");
  EXPECT_EQ(Compress(Codec::kSnappy, "abcd"), expected);
}

}  // namespace
}  // namespace flameway
