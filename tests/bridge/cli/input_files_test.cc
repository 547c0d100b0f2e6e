// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/input_files.h"

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "bridge/compress/compressor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/cli_fixture.h"
#include "tests/bridge/cli/sample_request.h"

namespace flameway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Packed(Codec codec, std::string_view plain) {
  std::string packed;
  EXPECT_TRUE(Compressor().Compress(codec, 0, plain, &packed).ok());
  return packed;
}

class InputFilesTest : public CliFixture {
 protected:
  // Names and errors in order; the messages' bytes go to bytes_.
  std::vector<std::string> ReadAll(std::vector<std::string> paths,
                                   const std::string& standard_input = "",
                                   size_t max_file_bytes = 1 << 20) {
    std::istringstream in(standard_input);
    InputFiles files({.paths = std::move(paths), .max_file_bytes = max_file_bytes}, in);
    std::vector<std::string> seen;
    for (;;) {
      const auto message = files.Next();
      if (!message.ok()) {
        seen.push_back("error " + std::to_string(static_cast<int>(message.status().code())));
        last_error_ = std::string(message.status().message());
      } else if (!message->has_value()) {
        return seen;
      } else {
        seen.push_back(std::filesystem::path((*message)->name).filename());
        bytes_.emplace_back((*message)->bytes);
      }
    }
  }

  const std::string one_ = EncodeSampleRequest({.service = "one"});
  const std::string two_ = EncodeSampleRequest({.service = "two"});
  std::vector<std::string> bytes_;
  std::string last_error_;
};

TEST_F(InputFilesTest, ReadsABareMessage) {
  EXPECT_THAT(ReadAll({Write("a.otlp", one_)}), ElementsAre("a.otlp"));
  EXPECT_THAT(bytes_, ElementsAre(one_));
}

TEST_F(InputFilesTest, ReadsRecordsWithLengths) {
  EXPECT_THAT(ReadAll({Write("a.otlp", LengthPrefixed({one_, two_}))}),
              ElementsAre("a.otlp[0]", "a.otlp[1]"));
  EXPECT_THAT(bytes_, ElementsAre(one_, two_));
}

TEST_F(InputFilesTest, ReadsWholeFilesPackedByContentNotByName) {
  const std::string content = LengthPrefixed({one_, two_});
  EXPECT_THAT(ReadAll({Write("a.bin", Packed(Codec::kZstd, content)),
                       Write("b.bin", Packed(Codec::kGzip, content))}),
              ElementsAre("a.bin[0]", "a.bin[1]", "b.bin[0]", "b.bin[1]"));
  EXPECT_THAT(bytes_, ElementsAre(one_, two_, one_, two_));
}

TEST_F(InputFilesTest, ReadsConcatenatedPackedParts) {
  const std::string first = LengthPrefixed({one_});
  const std::string second = LengthPrefixed({two_});
  ReadAll({Write("a", Packed(Codec::kZstd, first) + Packed(Codec::kZstd, second)),
           Write("b", Packed(Codec::kGzip, first) + Packed(Codec::kGzip, second))});
  EXPECT_THAT(bytes_, ElementsAre(one_, two_, one_, two_));
}

TEST_F(InputFilesTest, ReadsRecordsThatArePackedEach) {
  ReadAll({Write("a", LengthPrefixed({Packed(Codec::kZstd, one_), Packed(Codec::kGzip, two_)}))});
  EXPECT_THAT(bytes_, ElementsAre(one_, two_));
}

TEST_F(InputFilesTest, ReadsStandardInput) {
  EXPECT_THAT(ReadAll({"-"}, one_), ElementsAre("-"));
  EXPECT_THAT(bytes_, ElementsAre(one_));
}

TEST_F(InputFilesTest, ReadsTheFilesOfAFolderByNameAndLeavesHiddenOnes) {
  Write("b.otlp", two_);
  Write("a.otlp", one_);
  Write(".hidden", "not a message");
  EXPECT_THAT(ReadAll({folder_}), ElementsAre("a.otlp", "b.otlp"));
}

TEST_F(InputFilesTest, ATornTailIsToldAfterTheWholeRecords) {
  std::string content = LengthPrefixed({one_, two_});
  content.pop_back();
  EXPECT_THAT(ReadAll({Write("a.otlp", content), Write("b.otlp", two_)}),
              ElementsAre("a.otlp[0]", "error 15", "b.otlp"));
  EXPECT_THAT(last_error_, HasSubstr("a.otlp: record at byte"));
}

TEST_F(InputFilesTest, CutCompressionIsDamageAtEveryByte) {
  for (const Codec codec : {Codec::kZstd, Codec::kGzip}) {
    const std::string packed = Packed(codec, one_);
    for (size_t size = 4; size < packed.size(); ++size) {
      EXPECT_THAT(ReadAll({Write("a", packed.substr(0, size))}), ElementsAre("error 15"))
          << CodecName(codec) << " " << size;
    }
  }
}

TEST_F(InputFilesTest, AFileLargerThanAllowedIsRefusedPackedOrNot) {
  const std::string big(100'000, '\0');
  EXPECT_THAT(ReadAll({Write("a", big)}, "", 99'999), ElementsAre("error 8"));
  EXPECT_THAT(ReadAll({Write("a", Packed(Codec::kZstd, big))}, "", 99'999), ElementsAre("error 8"));
  EXPECT_THAT(ReadAll({Write("a", Packed(Codec::kGzip, big))}, "", 99'999), ElementsAre("error 8"));
  EXPECT_EQ(ReadAll({Write("a", Packed(Codec::kZstd, big))}, "", 100'000).size(), 25'000u);
}

TEST_F(InputFilesTest, AMissingFileIsNamedAndTheRestIsRead) {
  EXPECT_THAT(ReadAll({Path("missing"), Write("a.otlp", one_)}), ElementsAre("error 5", "a.otlp"));
  EXPECT_THAT(last_error_, HasSubstr("missing"));
}

}  // namespace
}  // namespace flameway
