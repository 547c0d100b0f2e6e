// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/request_files.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "bridge/compress/decompressor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace flameway {
namespace {

using ::testing::ElementsAre;

class RequestFilesTest : public ::testing::Test {
 protected:
  RequestFilesTest() {
    std::string name = std::filesystem::temp_directory_path() / "flameway_files_XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  ~RequestFilesTest() override {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::unique_ptr<RequestFiles> Create(size_t max_file_bytes, Codec codec = Codec::kNone) {
    auto files =
        RequestFiles::Create({.folder = folder_, .max_file_bytes = max_file_bytes, .codec = codec});
    EXPECT_TRUE(files.ok()) << files.status();
    return *std::move(files);
  }

  std::filesystem::path folder_;
};

TEST_F(RequestFilesTest, EachRequestStandsAfterItsLength) {
  {
    const auto files = Create(1000);
    ASSERT_TRUE(files->Append("abc").ok());
    ASSERT_TRUE(files->Append("").ok());
    ASSERT_TRUE(files->Append(std::string(300, 'x')).ok());
    EXPECT_EQ(files->bytes(), 3u * 4 + 303);
  }
  const std::string expected = std::string("\0\0\0\3abc\0\0\0\0\0\0\1\x2c", 15);
  EXPECT_EQ(Read("requests-000001.otlp"), expected + std::string(300, 'x'));
}

TEST_F(RequestFilesTest, ANewFileBeginsBeforeTheSizeIsPassed) {
  {
    const auto files = Create(20);
    for (const char* request : {"0123456", "012345", "x", "a request larger than a file may be"}) {
      ASSERT_TRUE(files->Append(request).ok());
    }
    EXPECT_EQ(files->files(), 3u);
  }
  EXPECT_THAT(Names(),
              ElementsAre("requests-000001.otlp", "requests-000002.otlp", "requests-000003.otlp"));
  EXPECT_EQ(Read("requests-000001.otlp").size(), 11u);
  EXPECT_EQ(Read("requests-000002.otlp").size(), 15u);
}

TEST_F(RequestFilesTest, FilesThatAreThereAreLeftAloneAndEmptyOnesAreNotKept) {
  { ASSERT_TRUE(Create(1000)->Append("first").ok()); }
  { ASSERT_TRUE(Create(1000)->Append("second").ok()); }
  { Create(1000); }
  EXPECT_THAT(Names(), ElementsAre("requests-000001.otlp", "requests-000002.otlp"));
  EXPECT_EQ(Read("requests-000001.otlp").substr(4), "first");
}

TEST_F(RequestFilesTest, RecordsCanBeZstdFrames) {
  const std::string request(5000, 'y');
  { ASSERT_TRUE(Create(1000, Codec::kZstd)->Append(request).ok()); }
  const std::string record = Read("requests-000001.otlp").substr(4);
  EXPECT_LT(record.size(), 200u);
  std::string plain;
  Decompressor decompressor({});
  EXPECT_EQ(decompressor.Decompress(Codec::kZstd, record, &plain), DecompressError::kNone);
  EXPECT_EQ(plain, request);
}

TEST_F(RequestFilesTest, AFolderThatCannotBeIsAnError) {
  std::ofstream(folder_ / "file") << "x";
  EXPECT_EQ(RequestFiles::Create({.folder = folder_ / "file" / "folder"}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flameway
