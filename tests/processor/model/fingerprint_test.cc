// SPDX-License-Identifier: Apache-2.0
#include "processor/model/fingerprint.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "processor/request/column_prints.h"
#include "processor/request/row_prints.h"

namespace flameway {
namespace {

FingerprintSecret SecretOf(unsigned char byte) {
  FingerprintSecret secret;
  secret.bytes.fill(byte);
  return secret;
}

std::tuple<uint64_t, uint64_t> Both(const Fingerprint& print) { return {print.low, print.high}; }

int BitsThatDiffer(const Fingerprint& a, const Fingerprint& b) {
  return std::popcount(a.low ^ b.low) + std::popcount(a.high ^ b.high);
}

class FingerprintTest : public testing::TestWithParam<Fingerprinter::Hash> {
 protected:
  void SetUp() override {
    if (GetParam() != Fingerprinter::Hash::kXxh3 && GetParam() != Fingerprinter::Best())
      GTEST_SKIP() << "not on this machine";
  }

  Fingerprinter fingerprinter_{SecretOf(7), GetParam()};
};

TEST_P(FingerprintTest, EachLengthOfTheSameByteIsAnotherText) {
  for (const char byte : {'\0', 'a', '\xff'}) {
    std::set<std::tuple<uint64_t, uint64_t>> seen;
    for (size_t size = 0; size <= 400; ++size)
      seen.insert(Both(fingerprinter_.Bytes(std::string(size, byte))));
    EXPECT_EQ(seen.size(), 401u);
  }
}

TEST_P(FingerprintTest, EachBitOfATextMattersAndChangesHalfOfAll) {
  for (const size_t size : {1u, 8u, 15u, 16u, 31u, 47u, 63u, 64u, 65u, 128u, 129u, 200u}) {
    std::string text(size, 'x');
    const Fingerprint before = fingerprinter_.Bytes(text);
    int changed = 0;
    for (size_t bit = 0; bit < 8 * size; ++bit) {
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
      const int differ = BitsThatDiffer(before, fingerprinter_.Bytes(text));
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
      EXPECT_GT(differ, 30) << "bit " << bit << " of " << size << " bytes";
      changed += differ;
    }
    const double mean = changed / (8.0 * static_cast<double>(size));
    EXPECT_GT(mean, 60) << size;
    EXPECT_LT(mean, 68) << size;
  }
}

// A text may end where no more memory is: what lies behind it is neither read nor seen.
TEST_P(FingerprintTest, NothingBehindATextMattersNotEvenWhetherItIsThere) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* const memory =
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  char* const end = static_cast<char*>(memory) + page;
  ASSERT_EQ(mprotect(end, page, PROT_NONE), 0);
  for (size_t size = 0; size <= 200; ++size) {
    std::string elsewhere;
    for (size_t i = 0; i < size; ++i) elsewhere += static_cast<char>('a' + i % 26);
    std::copy(elsewhere.begin(), elsewhere.end(), end - size);
    const Fingerprint print = fingerprinter_.Bytes({end - size, size});
    EXPECT_EQ(print, fingerprinter_.Bytes(elsewhere)) << size;
    const std::string followed = elsewhere + std::string(64, '\xff');
    EXPECT_EQ(print, fingerprinter_.Bytes(std::string_view(followed).substr(0, size))) << size;
  }
  EXPECT_EQ(munmap(memory, 2 * page), 0);
}

TEST_P(FingerprintTest, EachBitOfEachPartOfARowMatters) {
  const auto print = [&](std::vector<Fingerprint> p) {
    switch (p.size()) {
      case 2:
        return fingerprinter_.Join(p[0], p[1]);
      case 3:
        return fingerprinter_.Join(p[0], p[1], p[2]);
      default:
        return fingerprinter_.Join(p[0], p[1], p[2], p[3]);
    }
  };
  for (const size_t parts : {2u, 3u, 4u}) {
    std::vector<Fingerprint> row(parts, {.low = 1, .high = 2});
    const Fingerprint before = print(row);
    for (Fingerprint& part : row) {
      for (uint64_t* half : {&part.low, &part.high}) {
        for (int bit = 0; bit < 64; ++bit) {
          *half ^= uint64_t{1} << bit;
          EXPECT_GT(BitsThatDiffer(before, print(row)), 30);
          *half ^= uint64_t{1} << bit;
        }
      }
    }
  }
}

TEST_P(FingerprintTest, PartsHaveAnOrderAndANumber) {
  const Fingerprint a{.low = 1, .high = 2};
  const Fingerprint b{.low = 3, .high = 4};
  const Fingerprint none;
  std::set<std::tuple<uint64_t, uint64_t>> seen;
  for (const Fingerprint& print :
       {fingerprinter_.Join(a, b), fingerprinter_.Join(b, a), fingerprinter_.Join(a, b, none),
        fingerprinter_.Join(a, none, b), fingerprinter_.Join(a, b, none, none),
        fingerprinter_.Join(none, none), fingerprinter_.Join(none, none, none)}) {
    seen.insert(Both(print));
  }
  EXPECT_EQ(seen.size(), 7u);
}

TEST_P(FingerprintTest, AMillionRowsThatDifferInAFewBitsShareNoHalf) {
  constexpr uint64_t kRows = 1000000;
  const Fingerprint same = fingerprinter_.Bytes("main");
  std::vector<uint64_t> low, high;
  for (uint64_t i = 0; i < kRows; ++i) {
    const Fingerprint print =
        fingerprinter_.Join(same, same, WordPair{.low = i % 1000, .high = i / 1000});
    low.push_back(print.low);
    high.push_back(print.high);
  }
  for (std::vector<uint64_t>* half : {&low, &high}) {
    std::sort(half->begin(), half->end());
    EXPECT_EQ(std::adjacent_find(half->begin(), half->end()), half->end());
  }
}

TEST_P(FingerprintTest, AnotherSecretGivesOtherFingerprints) {
  const Fingerprinter other(SecretOf(8), GetParam());
  const Fingerprint a{.low = 1};
  EXPECT_GT(BitsThatDiffer(fingerprinter_.Bytes("main"), other.Bytes("main")), 30);
  EXPECT_GT(BitsThatDiffer(fingerprinter_.Join(a, a), other.Join(a, a)), 30);
}

class ColumnPrintsTest : public FingerprintTest {
 protected:
  WireIndex String(std::string_view text) {
    columns_.strings.rows.Append() = text;
    return {columns_.strings.size() - 1};
  }
  void PrintAll() {
    PrintStrings(fingerprinter_, instructions_, columns_.strings, 64 << 10, unusual_);
    PrintFunctions(fingerprinter_, columns_);
    PrintLocations(fingerprinter_, columns_);
    PrintStacks(fingerprinter_, columns_);
    PrintSamples(fingerprinter_, columns_);
  }

  RequestColumns columns_;
  wire::Instructions instructions_ = wire::Instructions::OfThisMachine();
  Buffer<uint32_t> unusual_;
};

TEST_P(ColumnPrintsTest, AStringIsWhatItsBytesAreAndUnusualOnesAreTold) {
  std::vector<std::string> texts = {"", "main", std::string(64, 'a'), std::string(65, 'a'),
                                    std::string(1000, 'b')};
  std::vector<uint32_t> unusual = {0};
  for (const size_t size : {1u, 15u, 16u, 17u, 40u, 63u, 64u, 65u, 100u, 128u, 129u, 192u}) {
    for (size_t place = 0; place < size; ++place) {
      std::string text(size, 'z');
      text[place] = '\x80';
      unusual.push_back(static_cast<uint32_t>(texts.size()));
      texts.push_back(text);
    }
  }
  unusual.push_back(static_cast<uint32_t>(texts.size()));
  texts.emplace_back((64 << 10) + 1, 'c');
  for (const std::string& text : texts) String(text);
  for (const wire::Instructions may_use : {wire::Instructions{}, instructions_}) {
    unusual_.Clear();
    PrintStrings(fingerprinter_, may_use, columns_.strings, 64 << 10, unusual_);
    for (uint32_t i = 0; i < texts.size(); ++i)
      EXPECT_EQ(columns_.strings.fingerprints[i], fingerprinter_.Bytes(texts[i])) << i;
    EXPECT_EQ(std::vector<uint32_t>(unusual_.begin(), unusual_.end()), unusual);
  }
}

TEST_P(ColumnPrintsTest, RowsAreMadeOfTheirParts) {
  String("");
  const WireIndex name = String("main");
  const WireIndex file = String("main.go");
  const WireIndex system = String("_main");
  const auto function = [&](WireIndex system_name, int64_t start_line) {
    columns_.functions.rows.Append(
        {.name = name, .system_name = system_name, .filename = file, .start_line = start_line});
  };
  columns_.functions.rows.Append() = {};
  function({}, 0);
  function(system, 0);
  function({}, 12);
  columns_.attributes.fingerprints.Append() = {.low = 5, .high = 6};
  columns_.attributes.fingerprints.Append() = {.low = 7, .high = 8};
  columns_.mappings.fingerprints.Append() = {.low = 9, .high = 10};
  columns_.links.rows.Append() = {};
  columns_.links.rows.Append() = {.trace_id = "t", .span_id = "s"};
  columns_.links.fingerprints.Append() = {};
  columns_.links.fingerprints.Append() = {.low = 11, .high = 12};
  for (const uint32_t i : {0u, 1u, 1u}) columns_.attribute_indices.Append(i);
  columns_.lines.Append() = {.function = {1}, .line = 3};
  columns_.lines.Append() = {.function = {2}, .line = 4, .column = 5};
  const auto location = [&](ListSpan lines, ListSpan attributes) {
    IncomingLocation& row = columns_.locations.rows.Append();
    row = {};
    row.address = 0x1000;
    row.lines = lines;
    row.attributes = attributes;
  };
  location({}, {});
  location({.begin = 0, .count = 1}, {.begin = 0, .count = 2});
  location({.begin = 0, .count = 2}, {});
  location({.begin = 1, .count = 1}, {});
  for (const uint32_t i : {1u, 2u, 3u, 2u, 1u, 3u}) columns_.stack_locations.Append(i);
  for (const ListSpan list : {ListSpan{}, ListSpan{.begin = 0, .count = 1},
                              ListSpan{.begin = 0, .count = 3}, ListSpan{.begin = 2, .count = 3}}) {
    columns_.stacks.rows.Append() = {.locations = list};
  }
  for (const uint32_t link : {0u, 1u}) {
    columns_.samples.Append() = {.stack = {1},
                                 .link = {link},
                                 .attributes = {.begin = 0, .count = 2},
                                 .shape = SampleShape::kEvents};
  }
  PrintAll();

  const auto& s = columns_.strings.fingerprints;
  const auto& f = columns_.functions.fingerprints;
  const Fingerprinter& of = fingerprinter_;
  EXPECT_EQ(f[1], FunctionPrint(of, s[1], s[2], nullptr, s[0], 0));
  EXPECT_EQ(f[2], FunctionPrint(of, s[1], s[2], &s[3], s[0], 0));
  EXPECT_EQ(f[3], FunctionPrint(of, s[1], s[2], nullptr, s[0], 12));
  struct Line {
    Fingerprint function;
    int64_t line, column;
  };
  const std::vector<Line> lines = {{f[1], 3, 0}, {f[2], 4, 5}};
  const Fingerprint mapping{.low = 9, .high = 10};
  const Fingerprint set{.low = 12, .high = 14};
  const auto print = [&](const Fingerprint& attributes, uint32_t first, uint32_t count) {
    return LocationPrint(of, mapping, 0x1000, attributes, count,
                         [&](uint32_t i) { return lines[first + i]; });
  };
  const auto& l = columns_.locations.fingerprints;
  EXPECT_EQ(l[0], print({}, 0, 0));
  EXPECT_EQ(l[1], print(set, 0, 1));
  EXPECT_EQ(l[2], print({}, 0, 2));
  EXPECT_EQ(l[3], print({}, 1, 1));
  const auto& stacks = columns_.stacks.fingerprints;
  std::set<std::tuple<uint64_t, uint64_t>> distinct;
  for (const Fingerprint& stack : stacks) distinct.insert(Both(stack));
  EXPECT_EQ(distinct.size(), 4u);
  const auto shape = static_cast<uint64_t>(SampleShape::kEvents);
  EXPECT_EQ(columns_.samples[0].identity, SamplePrint(of, stacks[1], set, shape, nullptr));
  EXPECT_EQ(columns_.samples[1].identity,
            SamplePrint(of, stacks[1], set, shape, &columns_.links.fingerprints[1]));
}

// Stacks of every length, in which one frame or the order of two is different.
TEST_P(ColumnPrintsTest, EachFrameOfAStackHasItsPlace) {
  constexpr uint32_t kMost = 9;
  for (uint32_t i = 0; i <= kMost; ++i) {
    IncomingLocation& row = columns_.locations.rows.Append();
    row = {};
    row.address = i;
  }
  columns_.mappings.fingerprints.Append() = {};
  const auto stack = [&](const std::vector<uint32_t>& frames) {
    columns_.stacks.rows.Append(
        {.locations = {.begin = static_cast<uint32_t>(columns_.stack_locations.size()),
                       .count = static_cast<uint32_t>(frames.size())}});
    for (const uint32_t frame : frames) columns_.stack_locations.Append(frame);
  };
  size_t count = 0;
  for (uint32_t size = 0; size < kMost; ++size) {
    std::vector<uint32_t> frames;
    for (uint32_t i = 0; i < size; ++i) frames.push_back(i);
    stack(frames);
    ++count;
    for (uint32_t i = 0; i < size; ++i) {
      std::vector<uint32_t> other = frames;
      other[i] = kMost;
      stack(other);
      ++count;
      for (uint32_t j = i + 1; j < size; ++j, ++count) {
        std::vector<uint32_t> swapped = frames;
        std::swap(swapped[i], swapped[j]);
        stack(swapped);
      }
    }
  }
  PrintAll();
  std::set<std::tuple<uint64_t, uint64_t>> distinct;
  for (const Fingerprint& print : columns_.stacks.fingerprints) distinct.insert(Both(print));
  EXPECT_EQ(distinct.size(), count);
}

std::string NameOf(const testing::TestParamInfo<Fingerprinter::Hash>& hash) {
  return hash.param == Fingerprinter::Hash::kAes ? "Aes" : "Xxh3";
}
constexpr Fingerprinter::Hash kHashes[] = {Fingerprinter::Hash::kXxh3, Fingerprinter::Hash::kAes};
INSTANTIATE_TEST_SUITE_P(Hashes, FingerprintTest, testing::ValuesIn(kHashes), NameOf);
INSTANTIATE_TEST_SUITE_P(Hashes, ColumnPrintsTest, testing::ValuesIn(kHashes), NameOf);

}  // namespace
}  // namespace flameway
