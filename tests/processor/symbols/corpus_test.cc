// SPDX-License-Identifier: Apache-2.0
// Lists of names with the outputs other projects expect, and names of real captures.
#include "tests/support/corpus.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

std::vector<std::string> ReadLines(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// A list for demanglers in general: options, mangled, demangled. `gnu-v3` asks to take a Rust name
// for C++, which we never do.
TEST(SymbolCorpusTest, RustNamesAreDemangledAsTheListExpects) {
  const auto file = FindSharedFile("symbols/rust-demangle-expected.txt");
  if (!file) GTEST_SKIP() << kNoSharedFile;
  const SymbolNormalizer simple = MakeNormalizer();
  const SymbolNormalizer full = MakeNormalizer({.demangle = DemangleMode::kFull});
  std::vector<std::string> lines;
  for (const std::string& line : ReadLines(*file)) {
    if (!line.starts_with('#')) lines.push_back(line);
  }
  size_t checked = 0;
  for (size_t i = 0; i + 2 < lines.size(); i += 3) {
    if (lines[i].find("gnu-v3") != std::string::npos) continue;
    EXPECT_EQ(NameAfter(full, lines[i + 1], FrameType::kNative), lines[i + 2]);
    ++checked;
    // Once demangled, this one's text is a C++ template's.
    const bool looks_like_cpp =
        lines[i + 2] == "issue_60925::foo::Foo<issue_60925::llvm::Foo>::foo";
    EXPECT_EQ(NameAfter(simple, lines[i + 1], FrameType::kNative),
              looks_like_cpp ? "issue_60925::foo::Foo::foo" : lines[i + 2]);
  }
  EXPECT_GE(checked, 60u);
}

TEST(SymbolCorpusTest, GoTypeParametersGoAsTheListExpects) {
  const auto file = FindSharedFile("symbols/go_type_parameters.txt");
  const auto expected_file = FindSharedFile("symbols/go_type_parameters.expected.txt");
  if (!file || !expected_file) GTEST_SKIP() << kNoSharedFile;
  const std::vector<std::string> names = ReadLines(*file);
  const std::vector<std::string> expected = ReadLines(*expected_file);
  ASSERT_EQ(names.size(), expected.size());
  ASSERT_GE(names.size(), 11u);
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(NameAfter(normalizer, names[i], FrameType::kGo), expected[i]);
    EXPECT_EQ(NameAfter(normalizer, names[i], FrameType::kAbsent), expected[i]);
  }
}

TEST(SymbolCorpusTest, StringsOfRealCapturesSettleAtOnce) {
  const std::vector<std::string> files = FindSharedFiles("ebpf");
  if (files.empty()) GTEST_SKIP() << kNoSharedFile;
  std::vector<SymbolNormalizer> normalizers;
  for (const DemangleMode mode : {DemangleMode::kSimple, DemangleMode::kFull}) {
    normalizers.push_back(MakeNormalizer({.demangle = mode}));
  }
  size_t strings = 0;
  for (const std::string& path : files) {
    const auto requests = ReadRequests(path);
    ASSERT_TRUE(requests.ok()) << requests.status();
    for (const std::string& bytes : *requests) {
      const auto request = ParseRequest(bytes);
      if (!request.ok()) continue;
      for (const std::string& text : request->dictionary().string_table()) {
        ++strings;
        for (const SymbolNormalizer& normalizer : normalizers) {
          for (const FrameType type : {FrameType::kAbsent, FrameType::kNative, FrameType::kJvm,
                                       FrameType::kGo, FrameType::kKernel, FrameType::kCpython}) {
            const auto once = normalizer.NormalizeFunctionName({.name = text, .type = type});
            if (!once.text) continue;
            EXPECT_EQ(normalizer.NormalizeFunctionName({.name = *once.text, .type = type}).text,
                      std::nullopt)
                << text;
          }
        }
      }
    }
  }
  EXPECT_GE(strings, 1000u);
}

}  // namespace
}  // namespace flameway
