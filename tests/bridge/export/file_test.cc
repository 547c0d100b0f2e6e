// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "bridge/export/rotating_file.h"

namespace flameway {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;
using Outcome = Delivery::Outcome;

class FileExporterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("file_exporter_") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.path = (folder_ / "profiles.bin").string();
    now_ = absl::ToChronoTime(
        absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone()));
  }
  void TearDown() override {
    lanes_.clear();
    std::filesystem::remove_all(folder_);
  }

  void Open() {
    lanes_.clear();
    auto exporter = CreateFileExporter(options_, [this] { return now_; });
    ASSERT_TRUE(exporter.ok()) << exporter.status();
    exporter_ = *std::move(exporter);
    const absl::Status started = exporter_->Start();
    ASSERT_TRUE(started.ok()) << started;
    lanes_.push_back(exporter_->OpenLane());
  }
  Delivery Deliver(const std::string& message, Codec codec = Codec::kNone) {
    Frame frame;
    frame.id = {0xab, 0xcd, 0xef, 0x01, 0x23};
    frame.codec = codec;
    frame.payload = message;
    return lanes_[0]->Deliver(frame);
  }
  void DeliverOk(const std::string& message) {
    const Delivery delivery = Deliver(message);
    EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << delivery.message;
  }
  static std::string Read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  static void Write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  std::string Content() const { return Read(options_.path); }
  // The records of a file, or "torn" at its end.
  static std::vector<std::string> Records(const std::string& bytes) {
    std::vector<std::string> records;
    size_t at = 0;
    while (at < bytes.size()) {
      if (bytes.size() - at < 4) return {"torn"};
      size_t size = 0;
      for (size_t i = 0; i < 4; ++i) size = size << 8U | static_cast<uint8_t>(bytes[at + i]);
      at += 4;
      if (bytes.size() - at < size) return {"torn"};
      records.push_back(bytes.substr(at, size));
      at += size;
    }
    return records;
  }
  // Names in the folder, sorted.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder_;
  FileExporterOptions options_;
  std::chrono::system_clock::time_point now_;
  std::unique_ptr<Exporter> exporter_;
  std::vector<std::unique_ptr<ExportLane>> lanes_;
};

TEST_F(FileExporterTest, RecordsAreABigEndianLengthAndTheMessage) {
  Open();
  DeliverOk("abc");
  DeliverOk(std::string(300, 'x'));
  EXPECT_EQ(Content(), std::string("\0\0\0\3abc\0\0\1\x2C", 11) + std::string(300, 'x'));
}

TEST_F(FileExporterTest, AnExistingFileIsAppendedTo) {
  Open();
  DeliverOk("first");
  Open();
  DeliverOk("second");
  EXPECT_THAT(Records(Content()), ElementsAre("first", "second"));
}

TEST_F(FileExporterTest, AFileThatEndsInsideARecordIsMovedAwayWhole) {
  for (const std::string& torn : {std::string("\0\0", 2), std::string("\0\0\0\5abc", 7),
                                  std::string("{\"json\": true}\n"), std::string(4096, '\0')}) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Write(options_.path, torn);
    Open();
    DeliverOk("new");
    EXPECT_THAT(Records(Content()), ElementsAre("new"));
    EXPECT_EQ(Read(folder_ / "profiles-2026-11-23T12-00-00.000.bin"), torn);
  }
}

TEST_F(FileExporterTest, AFullFileBecomesABackupNamedByTheTime) {
  options_.rotation_max_bytes = 20;
  Open();
  DeliverOk("0123456789");
  DeliverOk("ab");
  now_ += 1500ms;
  DeliverOk("next");
  EXPECT_THAT(Names(), ElementsAre("profiles-2026-11-23T12-00-01.500.bin", "profiles.bin"));
  EXPECT_THAT(Records(Content()), ElementsAre("next"));
  EXPECT_THAT(Records(Read(folder_ / "profiles-2026-11-23T12-00-01.500.bin")),
              ElementsAre("0123456789", "ab"));
}

TEST_F(FileExporterTest, RotationsInOneMillisecondLoseNothing) {
  options_.rotation_max_bytes = 1;
  Open();
  for (const char* message : {"a", "b", "c", "d"}) DeliverOk(message);
  EXPECT_THAT(Names(), ElementsAre("profiles-2026-11-23T12-00-00.000.bin",
                                   "profiles-2026-11-23T12-00-00.001.bin",
                                   "profiles-2026-11-23T12-00-00.002.bin", "profiles.bin"));
}

TEST_F(FileExporterTest, ARecordLargerThanAFileHasOneOfItsOwn) {
  options_.rotation_max_bytes = 8;
  Open();
  DeliverOk("much longer than eight bytes");
  EXPECT_THAT(Records(Content()), ElementsAre("much longer than eight bytes"));
}

TEST_F(FileExporterTest, OnlyTheNewestBackupsAreKeptAndStrangersAreLeftAlone) {
  Write(folder_ / "profiles-notes.bin", "mine");
  Write(folder_ / "other-2020-01-01T00-00-00.000.bin", "mine");
  options_.rotation_max_bytes = 1;
  options_.rotation_max_backups = 2;
  Open();
  for (int i = 0; i < 6; ++i) {
    DeliverOk("x");
    now_ += 1s;
  }
  EXPECT_THAT(
      Names(),
      ElementsAre("other-2020-01-01T00-00-00.000.bin", "profiles-2026-11-23T12-00-04.000.bin",
                  "profiles-2026-11-23T12-00-05.000.bin", "profiles-notes.bin", "profiles.bin"));
}

TEST_F(FileExporterTest, OldBackupsAreRemovedByTheirAge) {
  Write(folder_ / "profiles-2026-11-20T11-59-59.000.bin", "old");
  Write(folder_ / "profiles-2026-11-20T12-00-01.000.bin", "young");
  options_.rotation_max_bytes = 1;
  options_.rotation_max_days = 3;
  options_.rotation_max_backups = 0;
  Open();
  DeliverOk("a");
  DeliverOk("b");
  EXPECT_THAT(Names(), ElementsAre("profiles-2026-11-20T12-00-01.000.bin",
                                   "profiles-2026-11-23T12-00-00.000.bin", "profiles.bin"));
}

TEST_F(FileExporterTest, AFailedWriteIsRetriedAndLeavesNoPartOfARecord) {
  Open();
  DeliverOk("first");
  // A limit on the size of files fails writes as a full disk does, part-way.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 100, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Delivery delivery = Deliver(std::string(1000, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.code, "io");
  EXPECT_NE(delivery.message.find(options_.path), std::string::npos) << delivery.message;
  EXPECT_THAT(Records(Content()), ElementsAre("first"));
  DeliverOk("second");
  EXPECT_THAT(Records(Content()), ElementsAre("first", "second"));
}

TEST_F(FileExporterTest, LanesOfSeveralThreadsDoNotMixTheirRecords) {
  options_.rotation_max_bytes = 20'000;
  options_.rotation_max_backups = 0;
  Open();
  for (int i = 0; i < 3; ++i) lanes_.push_back(exporter_->OpenLane());
  std::vector<std::thread> threads;
  threads.reserve(lanes_.size());
  for (size_t i = 0; i < lanes_.size(); ++i) {
    threads.emplace_back([this, i] {
      Frame frame;
      for (size_t n = 0; n < 100; ++n) {
        frame.payload = std::string(1 + n, static_cast<char>('a' + i));
        EXPECT_EQ(lanes_[i]->Deliver(frame).outcome, Outcome::kDelivered);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  size_t records = 0;
  for (const std::string& name : Names()) {
    for (const std::string& record : Records(Read(folder_ / name))) {
      ++records;
      EXPECT_EQ(record, std::string(record.size(), record[0]));
    }
  }
  EXPECT_EQ(records, 400U);
}

TEST_F(FileExporterTest, OneRequestPerFileHasSortableNamesAndNoLeftovers) {
  options_.path = (folder_ / "requests").string();
  options_.layout = FileExporterOptions::Layout::kOneRequestPerFile;
  Open();
  EXPECT_EQ(Deliver("one").outcome, Outcome::kDelivered);
  EXPECT_EQ(Deliver("two", Codec::kZstd).outcome, Outcome::kDelivered);
  folder_ /= "requests";
  EXPECT_THAT(Names(), ElementsAre("20261123T120000.000000Z-000001-abcdef01.otlp",
                                   "20261123T120000.000000Z-000002-abcdef01.otlp.zst"));
  EXPECT_EQ(Read(folder_ / Names()[0]), "one");
  folder_ = folder_.parent_path();
}

TEST_F(FileExporterTest, AFailedRequestFileDisappears) {
  options_.path = (folder_ / "requests").string();
  options_.layout = FileExporterOptions::Layout::kOneRequestPerFile;
  Open();
  std::filesystem::remove_all(options_.path);
  EXPECT_EQ(Deliver("one").outcome, Outcome::kRetry);
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FileExporterTest, MissingFoldersAreMade) {
  options_.path = (folder_ / "missing" / "deeper" / "profiles.bin").string();
  Open();
  EXPECT_EQ(Deliver("one").outcome, Outcome::kDelivered);
  EXPECT_TRUE(std::filesystem::exists(options_.path));

  options_.path = (folder_ / "others" / "deeper" / "requests").string();
  options_.layout = FileExporterOptions::Layout::kOneRequestPerFile;
  Open();
  EXPECT_EQ(Deliver("one").outcome, Outcome::kDelivered);
  EXPECT_TRUE(std::filesystem::is_directory(options_.path));
}

TEST_F(FileExporterTest, AnImpossiblePathFailsTheStart) {
  std::ofstream(folder_ / "file") << "not a folder";
  options_.path = (folder_ / "file" / "profiles.bin").string();
  const auto exporter = CreateFileExporter(options_);
  ASSERT_TRUE(exporter.ok());
  EXPECT_FALSE((*exporter)->Start().ok());
  const auto lane = (*exporter)->OpenLane();
  EXPECT_EQ(lane->Deliver(Frame{}).outcome, Outcome::kRetry);
}

TEST_F(FileExporterTest, StandardOutputIsLengthPrefixed) {
  options_.path = "-";
  Open();
  ::testing::internal::CaptureStdout();
  DeliverOk("abc");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), std::string("\0\0\0\3abc", 7));
}

TEST(FileExporterOptionsTest, WrongOptionsAreRefusedAtCreation) {
  FileExporterOptions options;
  EXPECT_FALSE(CreateFileExporter(options).ok());
  options.path = "-";
  options.layout = FileExporterOptions::Layout::kOneRequestPerFile;
  EXPECT_FALSE(CreateFileExporter(options).ok());
}

}  // namespace
}  // namespace flameway
