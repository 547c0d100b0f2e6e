// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/varint.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flameway::wire {
namespace {

std::string Written(uint64_t value) {
  char buffer[kMaxVarintBytes];
  return {buffer, WriteVarint(buffer, value)};
}

// The same value in `bytes` bytes, the last ones empty.
std::string Overlong(uint64_t value, size_t bytes) {
  std::string out = Written(value);
  while (out.size() < bytes) {
    out.back() = static_cast<char>(out.back() | '\x80');
    out.push_back('\0');
  }
  return out;
}

struct Read {
  VarintStatus status;
  uint64_t value = 0;
  size_t taken = 0;
  friend bool operator==(const Read&, const Read&) = default;
};

Read ReadAt(const std::string& bytes) {
  Read read{};
  const char* p = bytes.data();
  read.status = ReadVarint(p, bytes.data() + bytes.size(), read.value);
  read.taken = static_cast<size_t>(p - bytes.data());
  return read;
}

// Both sides of every change of size.
std::vector<uint64_t> Boundaries() {
  std::vector<uint64_t> values = {0, 1, UINT64_MAX, UINT64_MAX - 1, uint64_t{1} << 63};
  for (unsigned bits = 7; bits < 64; bits += 7) {
    values.push_back((uint64_t{1} << bits) - 1);
    values.push_back(uint64_t{1} << bits);
  }
  return values;
}

TEST(VarintTest, SizesChangeEverySevenBits) {
  EXPECT_EQ(VarintSize(0), 1u);
  for (unsigned bits = 7; bits < 64; bits += 7) {
    EXPECT_EQ(VarintSize((uint64_t{1} << bits) - 1), bits / 7);
    EXPECT_EQ(VarintSize(uint64_t{1} << bits), bits / 7 + 1);
  }
  EXPECT_EQ(VarintSize(UINT64_MAX), kMaxVarintBytes);
}

TEST(VarintTest, WhatIsWrittenReadsBackInItsSize) {
  for (const uint64_t value : Boundaries()) {
    const std::string bytes = Written(value);
    EXPECT_EQ(bytes.size(), VarintSize(value)) << value;
    EXPECT_EQ(ReadAt(bytes), (Read{VarintStatus::kOk, value, bytes.size()}));
    // Bytes that follow are not looked at, nor taken.
    EXPECT_EQ(ReadAt(bytes + "\xFF\xFF"), (Read{VarintStatus::kOk, value, bytes.size()}));
  }
}

TEST(VarintTest, OverlongFormsUpToTenBytesRead) {
  for (const uint64_t value : Boundaries()) {
    for (size_t size = VarintSize(value); size <= kMaxVarintBytes; ++size) {
      const std::string bytes = Overlong(value, size);
      ASSERT_EQ(bytes.size(), size);
      EXPECT_EQ(ReadAt(bytes), (Read{VarintStatus::kOk, value, size})) << value;
    }
  }
}

TEST(VarintTest, ElevenBytesAreTooLong) {
  for (const uint64_t value : Boundaries()) {
    EXPECT_EQ(ReadAt(Overlong(value, 11)).status, VarintStatus::kTooLong) << value;
    EXPECT_EQ(ReadAt(Overlong(value, 11)).taken, 0u);
  }
  EXPECT_EQ(ReadAt(std::string(10, '\xFF')).status, VarintStatus::kTooLong);
}

TEST(VarintTest, BitsAboveTheSixtyFourthAreCut) {
  const std::string bytes = std::string(9, '\xFF') + '\x7F';
  EXPECT_EQ(ReadAt(bytes), (Read{VarintStatus::kOk, UINT64_MAX, 10}));
}

TEST(VarintTest, EveryPrefixIsTruncatedAndTakesNothing) {
  for (const uint64_t value : Boundaries()) {
    for (const std::string& bytes : {Written(value), Overlong(value, kMaxVarintBytes)}) {
      for (size_t size = 0; size < bytes.size(); ++size) {
        const Read read = ReadAt(bytes.substr(0, size));
        EXPECT_EQ(read.status, VarintStatus::kTruncated) << value << " cut to " << size;
        EXPECT_EQ(read.taken, 0u);
      }
    }
  }
}

}  // namespace
}  // namespace flameway::wire
