// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/decompressor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/compress/compressor.h"
#include "tests/bridge/compress/payloads.h"

namespace flameway {
namespace {

constexpr Codec kCodecs[] = {Codec::kGzip, Codec::kZstd, Codec::kSnappy};

class DecompressorTest : public testing::Test {
 protected:
  std::string Compress(Codec codec, std::string_view content) {
    std::string output;
    EXPECT_TRUE(compressor_.Compress(codec, 0, content, &output).ok());
    return output;
  }
  DecompressError Decode(Codec codec, std::string_view bytes) {
    return decompressor_.Decompress(codec, bytes, &output_);
  }
  // One of each way a body may be encoded.
  std::string Frames(std::string_view content) {
    const size_t half = content.size() / 2;
    return ZstdFrame(content.substr(0, half)) + ZstdSkippableFrame("ignored") +
           Compress(Codec::kZstd, content.substr(half)) + Compress(Codec::kZstd, "");
  }

  Compressor compressor_;
  Decompressor decompressor_{{}};
  std::string output_;
};

// `printf 'frame %d of stack %d\n'` for 0 to 19, through a pipe: no content size.
constexpr unsigned char kZstdTool[] = {
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0xed, 0x03, 0x00, 0x94, 0x03, 0x66, 0x72, 0x61, 0x6d, 0x65,
    0x20, 0x30, 0x20, 0x6f, 0x66, 0x20, 0x73, 0x74, 0x61, 0x63, 0x6b, 0x20, 0x30, 0x0a, 0x31, 0x31,
    0x32, 0x32, 0x33, 0x30, 0x34, 0x31, 0x35, 0x32, 0x36, 0x30, 0x37, 0x31, 0x38, 0x32, 0x39, 0x30,
    0x31, 0x31, 0x32, 0x31, 0x30, 0x31, 0x31, 0x31, 0x32, 0x31, 0x30, 0x31, 0x31, 0x31, 0x32, 0x31,
    0x30, 0x31, 0x31, 0x0a, 0x26, 0x20, 0x90, 0xa3, 0xd2, 0x03, 0x4b, 0x23, 0xe4, 0x53, 0x36, 0xcc,
    0x2c, 0x49, 0x73, 0xcc, 0x0c, 0x69, 0x84, 0x7c, 0xc7, 0x86, 0x99, 0xc5, 0x68, 0x8e, 0x99, 0x15,
    0x8d, 0x90, 0x8f, 0xd8, 0x30, 0xb3, 0x0c, 0x0d, 0x90, 0x9c, 0xd0, 0x30, 0x59, 0xf6, 0x65, 0x76,
    0x4b, 0xbe, 0x9b, 0x65, 0xd9, 0x37, 0xb3, 0x2d, 0xf3, 0x6d, 0x96, 0xe5, 0xbe, 0xcc, 0x6e, 0xc9,
    0xb7, 0x36, 0x6b, 0x03, 0xb2, 0x03, 0x67, 0x24, 0xcd, 0x58};
// The same from a file called `in`.
constexpr unsigned char kGzipTool[] = {
    0x1f, 0x8b, 0x08, 0x08, 0xce, 0xd7, 0x04, 0x6b, 0x00, 0x03, 0x69, 0x6e, 0x00, 0x6d, 0xce, 0x4b,
    0x0a, 0x80, 0x30, 0x10, 0x04, 0xd1, 0xbd, 0xa7, 0x98, 0x23, 0x64, 0xf2, 0xcf, 0x71, 0x82, 0x38,
    0x1b, 0x11, 0x41, 0xbd, 0x3f, 0x82, 0x04, 0x22, 0x74, 0x6f, 0x0b, 0x1e, 0x94, 0x5d, 0xfd, 0xd8,
    0xc4, 0xc9, 0x69, 0x72, 0x3f, 0x7d, 0xdd, 0xc5, 0x2d, 0xf6, 0x25, 0x9d, 0x49, 0x47, 0xf2, 0x33,
    0xf9, 0x91, 0x02, 0xc2, 0x88, 0x30, 0x21, 0xcc, 0x08, 0x0b, 0xc2, 0x8a, 0xb0, 0x91, 0x55, 0x87,
    0x52, 0x15, 0xa9, 0x7a, 0x62, 0x03, 0xb1, 0x91, 0xd8, 0x44, 0x6c, 0x26, 0xb6, 0x10, 0x5b, 0x89,
    0x6d, 0x7f, 0xfb, 0x02, 0x14, 0x15, 0x36, 0xec, 0x86, 0x01, 0x00, 0x00};

template <size_t size>
std::string_view Bytes(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}

TEST_F(DecompressorTest, OutputOfTheCommandLineToolsIsRead) {
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    expected += "frame " + std::to_string(i) + " of stack " + std::to_string(i % 3) + "\n";
  }
  EXPECT_EQ(Decode(Codec::kZstd, Bytes(kZstdTool)), DecompressError::kNone);
  EXPECT_EQ(output_, expected);
  EXPECT_EQ(Decode(Codec::kGzip, Bytes(kGzipTool)), DecompressError::kNone);
  EXPECT_EQ(output_, expected);
}

TEST_F(DecompressorTest, EmptyInputIsPlainAndNothingElse) {
  output_ = "before";
  EXPECT_EQ(Decode(Codec::kNone, ""), DecompressError::kNone);
  EXPECT_EQ(output_, "");
  for (const Codec codec : kCodecs) {
    EXPECT_EQ(Decode(codec, ""), DecompressError::kDamaged) << CodecName(codec);
  }
}

TEST_F(DecompressorTest, NoPrefixPassesForTheWhole) {
  const std::string content = ProfileLikeBytes(3000);
  for (const Codec codec : {Codec::kGzip, Codec::kZstd}) {
    const std::string bytes = Compress(codec, content);
    for (size_t size = 0; size < bytes.size(); ++size) {
      output_ = "before";
      ASSERT_EQ(Decode(codec, std::string_view(bytes).substr(0, size)), DecompressError::kDamaged)
          << CodecName(codec) << " cut at " << size;
      ASSERT_EQ(output_, "");
    }
  }
  const std::string streamed = ZstdFrame(content);
  for (size_t size = 0; size < streamed.size(); ++size) {
    ASSERT_EQ(Decode(Codec::kZstd, std::string_view(streamed).substr(0, size)),
              DecompressError::kDamaged)
        << "cut at " << size;
  }
}

TEST_F(DecompressorTest, PrefixThatEndsBetweenPartsIsThatMuchOfTheContent) {
  const std::string first = ProfileLikeBytes(500);
  const std::string second = ProfileLikeBytes(90'000);
  for (const Codec codec : kCodecs) {
    const std::string head = Compress(codec, first);
    const std::string all = head + Compress(codec, second).substr(0, 400);
    for (size_t size = head.size() - 20; size < all.size(); ++size) {
      const DecompressError error = Decode(codec, std::string_view(all).substr(0, size));
      const bool snappy_identifier_ends =
          codec == Codec::kSnappy && size == head.size() + SnappyIdentifier().size();
      if (size == head.size() || snappy_identifier_ends) {
        ASSERT_EQ(error, DecompressError::kNone) << CodecName(codec);
        ASSERT_EQ(output_, first);
      } else {
        ASSERT_EQ(error, DecompressError::kDamaged) << CodecName(codec) << " cut at " << size;
      }
    }
  }
}

TEST_F(DecompressorTest, FlippedBitsNeverPassUnnoticedNorBreakTheCap) {
  const std::string content = ProfileLikeBytes(900);
  constexpr size_t kCap = 1000;
  Decompressor tight({.max_output_bytes = kCap});
  for (const auto& [codec, bytes] :
       {std::pair{Codec::kGzip, ZlibGzip(content)}, std::pair{Codec::kZstd, ZstdFrame(content)},
        std::pair{Codec::kZstd, Compress(Codec::kZstd, content)},
        std::pair{Codec::kSnappy, Compress(Codec::kSnappy, content)}}) {
    for (size_t at = 0; at < bytes.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
        const DecompressError error = tight.Decompress(codec, flipped, &output_);
        ASSERT_LE(output_.size(), kCap);
        if (error != DecompressError::kNone) {
          ASSERT_EQ(output_, "");
          continue;
        }
        // Bits without meaning (time stamps), or a snappy chunk that became a skippable one.
        const bool skipped = codec == Codec::kSnappy && output_.empty();
        ASSERT_TRUE(skipped || output_ == content) << CodecName(codec) << " byte " << at;
      }
    }
    ASSERT_EQ(tight.Decompress(codec, bytes, &output_), DecompressError::kNone);
    ASSERT_TRUE(output_ == content) << "after all those errors";
  }
}

TEST_F(DecompressorTest, FlippedBytesOfManyFramesNeverBreakTheCap) {
  const std::string bytes = Frames(ProfileLikeBytes(900));
  Decompressor tight({.max_output_bytes = 1000});
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int value = 1; value < 256; ++value) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ value);
      static_cast<void>(tight.Decompress(Codec::kZstd, flipped, &output_));
      ASSERT_LE(output_.size(), 1000u);
    }
  }
}

TEST_F(DecompressorTest, TrailingBytesAreDamage) {
  const std::string content = ProfileLikeBytes(1000);
  for (const Codec codec : kCodecs) {
    for (const std::string_view tail :
         {std::string_view("\0", 1), std::string_view("garbage"),
          std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18)}) {
      EXPECT_EQ(Decode(codec, Compress(codec, content).append(tail)), DecompressError::kDamaged)
          << CodecName(codec);
    }
  }
}

TEST_F(DecompressorTest, OtherCodecsBytesAreDamage) {
  const std::string content = ProfileLikeBytes(1000);
  for (const Codec codec : kCodecs) {
    EXPECT_EQ(Decode(codec, content), DecompressError::kDamaged);
    for (const Codec other : kCodecs) {
      if (other == codec) continue;
      EXPECT_EQ(Decode(codec, Compress(other, content)), DecompressError::kDamaged);
    }
  }
}

TEST_F(DecompressorTest, GzipMembersAreJoined) {
  const std::string small = ProfileLikeBytes(10);
  const std::string large = ProfileLikeBytes(3'000'000);
  const std::string members = ZlibGzip(small) + ZlibGzip("") + ZlibGzip(large) + ZlibGzip(small);
  EXPECT_EQ(Decode(Codec::kGzip, members), DecompressError::kNone);
  EXPECT_TRUE(output_ == small + large + small);
  EXPECT_EQ(Decode(Codec::kGzip, ZlibGzip("")), DecompressError::kNone);
  EXPECT_EQ(output_, "");
}

TEST_F(DecompressorTest, ZstdFramesOfAllKindsAreJoined) {
  const std::string content = ProfileLikeBytes(3'000'000);
  EXPECT_EQ(Decode(Codec::kZstd, Frames(content)), DecompressError::kNone);
  EXPECT_TRUE(output_ == content);
  EXPECT_EQ(Decode(Codec::kZstd, ZstdSkippableFrame("only this")), DecompressError::kNone);
  EXPECT_EQ(output_, "");
}

TEST_F(DecompressorTest, ZstdWindowMayHave8MiBAndNotMore) {
  const std::string content = ProfileLikeBytes(100'000);
  EXPECT_EQ(Decode(Codec::kZstd, ZstdFrame(content, {.window_log = 23})), DecompressError::kNone);
  EXPECT_TRUE(output_ == content);
  EXPECT_EQ(Decode(Codec::kZstd, ZstdFrame(content, {.window_log = 24})),
            DecompressError::kDamaged);
  const std::string large = ProfileLikeBytes(size_t{9} << 20);
  const ZstdFrameOptions one_segment = {.size = ZstdSize::kStated, .window_log = 27};
  EXPECT_EQ(Decode(Codec::kZstd, ZstdFrame(large, one_segment)), DecompressError::kDamaged);
}

TEST_F(DecompressorTest, ZstdFormatsOlderThanTheRfcAreDamage) {
  EXPECT_EQ(Decode(Codec::kZstd, "\x27\xB5\x2F\xFD and more bytes"), DecompressError::kDamaged);
}

TEST_F(DecompressorTest, ZstdSizeThatIsALieIsDamage) {
  std::string frame = Compress(Codec::kZstd, std::string(300, 'x'));
  ASSERT_EQ(static_cast<uint8_t>(frame[4]), 0x64) << "one segment, size in bytes 5 and 6, checksum";
  for (const int lie : {0, 1, 43, 45, 0xFF}) {
    std::string changed = frame;
    changed[5] = static_cast<char>(lie);  // size - 256, so 300 is 44
    EXPECT_EQ(Decode(Codec::kZstd, changed), DecompressError::kDamaged) << lie;
  }
}

TEST_F(DecompressorTest, GzipSizeOrChecksumThatIsALieIsDamage) {
  const std::string content = ProfileLikeBytes(100'000);
  for (size_t from_end = 1; from_end <= 8; ++from_end) {
    std::string member = ZlibGzip(content);
    member[member.size() - from_end] ^= '\x55';
    EXPECT_EQ(Decode(Codec::kGzip, member), DecompressError::kDamaged) << from_end;
  }
}

TEST_F(DecompressorTest, SnappyPaddingSkippableAndRepeatedIdentifierAreSkipped) {
  const std::string data = SnappyChunk(0x01,
                                       "\x68\x10\xE6\xB6"
                                       "abcd");
  const std::string stream = SnappyIdentifier() + SnappyChunk(0xFE, "\0\0\0") + data +
                             SnappyIdentifier() + SnappyChunk(0x80, "?") + SnappyChunk(0xFD, "") +
                             data;
  EXPECT_EQ(Decode(Codec::kSnappy, stream), DecompressError::kNone);
  EXPECT_EQ(output_, "abcdabcd");
}

TEST_F(DecompressorTest, SnappyRulesThatAreBrokenAreDamage) {
  const std::string data = SnappyChunk(0x01,
                                       "\x68\x10\xE6\xB6"
                                       "abcd");
  const std::string start = SnappyIdentifier();
  const std::string huge = std::string("\0\0\0\0", 4) + std::string(65537, 'x');
  for (const std::string& stream :
       {data, SnappyChunk(0xFE, "") + start + data,  // no identifier at the start
        start + SnappyChunk(0x02, "") + data,        // unknown, not skippable
        start + SnappyChunk(0x7F, "") + data, start + SnappyChunk(0x01, "\x68\x10\xE6"),
        start + SnappyChunk(0x01,
                            "\x68\x10\xE6\xB7"
                            "abcd"),                                // checksum
        start + SnappyChunk(0x01, huge),                            // longer than 64 KiB
        start + SnappyChunk(0x00, "\x68\x10\xE6\xB6\x80\x80\x08"),  // states 128 KiB
        start + SnappyChunk(0x00,
                            "\x68\x10\xE6\xB6\x05\x0C"
                            "abcd"),  // states 5, holds 4
        start + SnappyChunk(0xFF, "sNaPpX") + data, start + SnappyChunk(0xFF, "") + data}) {
    EXPECT_EQ(Decode(Codec::kSnappy, stream), DecompressError::kDamaged);
  }
}

TEST_F(DecompressorTest, AnErrorDoesNotSpoilTheNextBody) {
  const std::string content = ProfileLikeBytes(300'000);
  for (const Codec codec : kCodecs) {
    const std::string good = codec == Codec::kZstd ? ZstdFrame(content) : Compress(codec, content);
    for (const size_t cut : {good.size() / 4, good.size() / 2, good.size() - 1}) {
      EXPECT_EQ(Decode(codec, std::string_view(good).substr(0, cut)), DecompressError::kDamaged);
      ASSERT_EQ(Decode(codec, good), DecompressError::kNone);
      ASSERT_TRUE(output_ == content);
    }
    std::string damaged = good;
    damaged[good.size() / 2] ^= '\x20';
    EXPECT_EQ(Decode(codec, damaged), DecompressError::kDamaged);
    ASSERT_EQ(Decode(codec, good), DecompressError::kNone);
    ASSERT_TRUE(output_ == content);
  }
}

TEST_F(DecompressorTest, OneFrameAndNothingElseIsPlain) {
  const std::string content = ProfileLikeBytes(100'000);
  EXPECT_EQ(Decode(Codec::kNone, content), DecompressError::kNone);
  EXPECT_TRUE(decompressor_.last_was_plain());
  for (const Codec codec : kCodecs) {
    const std::string body = Compress(codec, content);
    EXPECT_EQ(Decode(codec, body), DecompressError::kNone);
    EXPECT_TRUE(decompressor_.last_was_plain()) << CodecName(codec);
    EXPECT_EQ(Decode(codec, body + body), DecompressError::kNone);
    EXPECT_FALSE(decompressor_.last_was_plain()) << CodecName(codec) << " twice";
    EXPECT_EQ(Decode(codec, body + "tail"), DecompressError::kDamaged);
    EXPECT_FALSE(decompressor_.last_was_plain()) << CodecName(codec) << " damaged";
  }
}

TEST_F(DecompressorTest, ZstdOfOtherEncodersIsPlainButForOptionalParts) {
  const std::string content = ProfileLikeBytes(100'000);
  for (const std::string& body :
       {ZstdFrame(content), ZstdFrame(content, {.size = ZstdSize::kStated}),
        ZstdFrame(content, {.window_log = 23}), std::string(Bytes(kZstdTool)), ZstdFrame("")}) {
    EXPECT_EQ(Decode(Codec::kZstd, body), DecompressError::kNone);
    EXPECT_TRUE(decompressor_.last_was_plain());
  }
  std::string with_unused_bit = ZstdFrame(content);
  with_unused_bit[4] |= '\x10';
  for (const std::string& body :
       {ZstdFrame(content) + ZstdSkippableFrame("ignored"),
        ZstdSkippableFrame("ignored") + ZstdFrame(content), ZstdSkippableFrame("only this"),
        ZstdFrame(content) + ZstdFrame(""), ZstdFrame("") + ZstdFrame(content), with_unused_bit}) {
    EXPECT_EQ(Decode(Codec::kZstd, body), DecompressError::kNone);
    EXPECT_FALSE(decompressor_.last_was_plain());
  }
  EXPECT_EQ(Decode(Codec::kZstd, ZstdFrame(content, {.window_log = 24})),
            DecompressError::kDamaged);
  EXPECT_FALSE(decompressor_.last_was_plain());
}

TEST_F(DecompressorTest, GzipIsPlainWithoutNameAndSecondMember) {
  const std::string content = ProfileLikeBytes(100'000);
  EXPECT_EQ(Decode(Codec::kGzip, ZlibGzip(content)), DecompressError::kNone);
  EXPECT_TRUE(decompressor_.last_was_plain());
  for (const std::string& body :
       {ZlibGzip(content) + ZlibGzip(""), ZlibGzip("") + ZlibGzip(content),
        std::string(Bytes(kGzipTool))}) {
    EXPECT_EQ(Decode(Codec::kGzip, body), DecompressError::kNone);
    EXPECT_FALSE(decompressor_.last_was_plain());
  }
}

TEST_F(DecompressorTest, SnappyIsPlainWithoutSkippableChunks) {
  const std::string data = SnappyChunk(0x01,
                                       "\x68\x10\xE6\xB6"
                                       "abcd");
  const std::string plain = SnappyIdentifier() + data + data;
  EXPECT_EQ(Decode(Codec::kSnappy, plain), DecompressError::kNone);
  EXPECT_TRUE(decompressor_.last_was_plain());
  for (const std::string& more : {SnappyChunk(0xFE, "\0\0\0"), SnappyChunk(0x80, "?"),
                                  SnappyIdentifier(), SnappyChunk(0xFE, "") + data}) {
    EXPECT_EQ(Decode(Codec::kSnappy, plain + more), DecompressError::kNone);
    EXPECT_FALSE(decompressor_.last_was_plain());
  }
}

TEST_F(DecompressorTest, EveryErrorHasAName) {
  EXPECT_EQ(DecompressErrorName(DecompressError::kNone), "none");
  EXPECT_EQ(DecompressErrorName(DecompressError::kDamaged), "damaged");
  EXPECT_EQ(DecompressErrorName(DecompressError::kTooLarge), "too large");
  EXPECT_EQ(DecompressErrorName(DecompressError::kRatioTooHigh), "ratio too high");
}

}  // namespace
}  // namespace flameway
