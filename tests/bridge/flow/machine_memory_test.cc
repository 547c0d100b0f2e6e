// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/machine_memory.h"

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

namespace flameway {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

// A machine of 8 GiB in a folder.
class MachineMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/machine_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(root_);
    Write("/proc/meminfo", "MemFree:        1024 kB\nMemTotal:       8388608 kB\n");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void WriteGroupLimit(const std::string& path, size_t mebibytes) {
    Write("/sys/fs/cgroup" + path, std::to_string(mebibytes * kMiB) + "\n");
  }
  size_t Mebibytes() const { return MachineMemoryBytes(root_) / kMiB; }

  std::string root_;
};

TEST_F(MachineMemoryTest, WithoutGroupsAllOfTheMachineCounts) { EXPECT_EQ(Mebibytes(), 8'192U); }

TEST_F(MachineMemoryTest, NothingIsKnownOfAnEmptyMachine) {
  EXPECT_EQ(MachineMemoryBytes(root_ + "/nowhere"), 0U);
}

TEST_F(MachineMemoryTest, AContainersOwnLimitLiesAtTheRoot) {
  Write("/proc/self/cgroup", "0::/\n");
  WriteGroupLimit("/memory.max", 512);
  EXPECT_EQ(Mebibytes(), 512U);
}

TEST_F(MachineMemoryTest, MaxIsNoLimit) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(Mebibytes(), 8'192U);
}

TEST_F(MachineMemoryTest, AServiceIsBoundByItsGroupAndByThoseAbove) {
  Write("/proc/self/cgroup", "0::/system.slice/flameway.service\n");
  WriteGroupLimit("/system.slice/flameway.service/memory.max", 2'048);
  EXPECT_EQ(Mebibytes(), 2'048U);
  WriteGroupLimit("/system.slice/memory.max", 1'024);
  EXPECT_EQ(Mebibytes(), 1'024U);
  WriteGroupLimit("/other.slice/memory.max", 1);
  EXPECT_EQ(Mebibytes(), 1'024U);
}

TEST_F(MachineMemoryTest, VersionOneHasAFolderForMemory) {
  Write("/proc/self/cgroup", "5:cpu,cpuacct:/a\n4:hugetlb,memory:/docker/0123\n1:name=systemd:/\n");
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Mebibytes(), 8'192U);
  WriteGroupLimit("/memory/docker/0123/memory.limit_in_bytes", 700);
  EXPECT_EQ(Mebibytes(), 700U);
}

TEST_F(MachineMemoryTest, AGroupOutsideOfTheContainerIsNotLookedFor) {
  Write("/proc/self/cgroup", "0::/../sibling\n");
  WriteGroupLimit("/memory.max", 300);
  WriteGroupLimit("/../sibling/memory.max", 1);
  EXPECT_EQ(Mebibytes(), 300U);
}

TEST(DefaultMemoryLimiterTest, HalfOfTheMachineButNotTooLittle) {
  const MemoryLimiterOptions half = DefaultMemoryLimiter(8'192 * kMiB);
  EXPECT_EQ(half.limit_bytes, 4'096 * kMiB);
  EXPECT_EQ(half.spike_limit_bytes, 4'096 * kMiB / 5);
  EXPECT_EQ(DefaultMemoryLimiter(300 * kMiB).limit_bytes, 256 * kMiB);
  EXPECT_EQ(DefaultMemoryLimiter(0).limit_bytes, 256 * kMiB);
}

}  // namespace
}  // namespace flameway
