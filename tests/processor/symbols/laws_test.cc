// SPDX-License-Identifier: Apache-2.0
// What holds for every rule and every text: normalizing twice is normalizing once, an unknown text
// is unchanged, and no text takes more than bounded time and space.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "processor/symbols/characters.h"
#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

std::vector<SymbolCase> AllCases() {
  std::vector<SymbolCase> all;
  for (const auto cases : {NativeCases(), RustCases(), JvmCases(), GoCases(), InterpretedCases(),
                           KernelCases(), PathCases()}) {
    all.insert(all.end(), cases.begin(), cases.end());
  }
  return all;
}

// The default, each mode, and everything on.
std::vector<SymbolNormalizer> Normalizers() {
  std::vector<SymbolNormalizer> normalizers;
  for (const DemangleMode mode : {DemangleMode::kNone, DemangleMode::kSimple,
                                  DemangleMode::kTemplates, DemangleMode::kFull}) {
    normalizers.push_back(MakeNormalizer({.demangle = mode}));
    SymbolOptions options{.demangle = mode, .trim_prefixes = {"/some/remote/path", "/usr/"}};
    for (const SymbolRuleRow& row : SymbolRules()) {
      if (row.state == RuleState::kOff) {
        options.switches.push_back({std::string(row.name), SwitchState::kOn});
      }
    }
    normalizers.push_back(MakeNormalizer(options));
    options.jvm_separator = JvmSeparator::kSlash;
    normalizers.push_back(MakeNormalizer(options));
  }
  return normalizers;
}

void ExpectTwiceIsOnce(const SymbolNormalizer& normalizer, std::string_view text, FrameType type) {
  const NormalizedName once = normalizer.NormalizeFunctionName({.name = text, .type = type});
  if (once.text) {
    EXPECT_NE(*once.text, text) << "says changed";
    const FrameType then = once.learnt_type == FrameType::kAbsent ? type : once.learnt_type;
    const NormalizedName twice =
        normalizer.NormalizeFunctionName({.name = *once.text, .type = then});
    EXPECT_EQ(twice.text, std::nullopt)
        << text << " -> " << *once.text << " as " << FrameTypeWord(type);
  }
  const auto file = normalizer.NormalizeFileName(text, type);
  if (file) {
    EXPECT_EQ(normalizer.NormalizeFileName(*file, type), std::nullopt) << *file;
  }
  const auto mapping = normalizer.NormalizeMappingName(text, type);
  if (mapping) {
    EXPECT_EQ(normalizer.NormalizeMappingName(*mapping, type), std::nullopt) << *mapping;
  }
}

TEST(SymbolLawsTest, TwiceIsOnceForEveryCaseTypeAndMode) {
  const std::vector<SymbolNormalizer> normalizers = Normalizers();
  for (const SymbolCase& symbol_case : AllCases()) {
    for (size_t type = 0; type < kFrameTypeCount; ++type) {
      for (const SymbolNormalizer& normalizer : normalizers) {
        ExpectTwiceIsOnce(normalizer, symbol_case.input, static_cast<FrameType>(type));
        ExpectTwiceIsOnce(normalizer, symbol_case.output, static_cast<FrameType>(type));
      }
    }
  }
}

// Pieces of names glued in all ways reach combinations that no case has.
TEST(SymbolLawsTest, TwiceIsOnceForPiecesOfCases) {
  const std::vector<SymbolNormalizer> normalizers = Normalizers();
  const std::vector<SymbolCase> cases = AllCases();
  for (size_t i = 0; i < cases.size(); ++i) {
    for (size_t j = 1; j < cases.size(); j += 7) {
      const std::string_view a = cases[i].input;
      const std::string_view b = cases[(i + j) % cases.size()].input;
      const std::string glued = std::string(a.substr(0, (i * 13 + j) % (a.size() + 1))) +
                                std::string(b.substr((i + j * 5) % (b.size() + 1)));
      const auto type = static_cast<FrameType>((i + j) % kFrameTypeCount);
      ExpectTwiceIsOnce(normalizers[(i * 31 + j) % normalizers.size()], glued, type);
      ExpectTwiceIsOnce(normalizers[1], glued, FrameType::kNative);
    }
  }
}

TEST(SymbolLawsTest, ANameThatNoRuleKnowsIsUnchanged) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (const std::string_view name : {"main",
                                      "malloc",
                                      "tcp_sendmsg",
                                      "foo",
                                      "Foo::bar",
                                      "a.b.c",
                                      "java.lang.Thread.run",
                                      "pkg.Func",
                                      "<module>",
                                      "handler",
                                      "App\\Kernel",

                                      "",
                                      " ",
                                      "\xFF\xFE",
                                      "\xC3\xA4\xC3\xB6",
                                      "a\nb",
                                      "[vdso]",
                                      "x-y_z",
                                      "_ZnotAName",
                                      "_Rust"}) {
    for (size_t type = 0; type < kFrameTypeCount; ++type) {
      const auto result =
          normalizer.NormalizeFunctionName({.name = name, .type = static_cast<FrameType>(type)});
      EXPECT_EQ(result.text, std::nullopt) << name << " as " << type;
      EXPECT_EQ(result.learnt_type, FrameType::kAbsent);
    }
  }
}

TEST(SymbolLawsTest, EveryRuleOfNamesAndPathsHasACase) {
  std::set<std::string_view> with_case;
  for (const SymbolCase& symbol_case : AllCases()) with_case.insert(symbol_case.rule);
  // Not from text to text alone: in tests of their own.
  for (const std::string_view other :
       {"native.unknown_name", "native.address_name", "interpreted.python_module",
        "interpreted.v8_pseudo_frames", "interpreted.node_anonymous", "kernel.area",
        "paths.library_name", "go.truncated_stacks"}) {
    with_case.insert(other);
  }
  for (const SymbolRuleRow& row : SymbolRules()) {
    EXPECT_TRUE(with_case.contains(row.name)) << row.id << " " << row.name;
  }
}

TEST(SymbolLawsTest, AFamilyThatIsOffLeavesTheInputsOfItsRules) {
  for (const SymbolCase& symbol_case : AllCases()) {
    const std::string_view family = symbol_case.rule.substr(0, symbol_case.rule.find('.'));
    if (symbol_case.without == WithoutRule::kOther || symbol_case.output == symbol_case.input) {
      continue;
    }
    const SymbolNormalizer normalizer = MakeNormalizer(
        {.demangle = symbol_case.demangle, .switches = {{std::string(family), SwitchState::kOff}}});
    EXPECT_EQ(TextAfter(normalizer, symbol_case), symbol_case.input) << symbol_case;
  }
}

// Each a pattern that some scanner could read again and again, or that nests.
std::vector<std::string> HostileTexts(size_t size) {
  const std::vector<std::string> units = {"$$Lambda",
                                          "$$Lambda$",
                                          "$$Lambda$1/",
                                          "/0x",
                                          ".0x1",
                                          "$Proxy/",
                                          "$Proxy1/",
                                          "<",
                                          "<<",
                                          "(",
                                          "((",
                                          " (",
                                          " (x)",
                                          "{",
                                          "[",
                                          "[abi:",
                                          "[abi:x]",
                                          "[go.shape.",
                                          "[...]",
                                          "[clone .isra.0]",
                                          " [clone .isra.0]",
                                          " (.isra.0)",
                                          ".cold",
                                          ".isra.0",
                                          ".llvm.1",
                                          "@@",
                                          "@",
                                          "+0x1",
                                          "::",
                                          "..",
                                          "$LT$",
                                          "$u20$",
                                          "_$u7b$",
                                          "::h0123456789abcdef",
                                          "operator<",
                                          "operator<<",
                                          "operator ",
                                          "'lambda'(",
                                          "'lambda0'",
                                          "'unnamed'",
                                          "auto:1",
                                          "> ",
                                          ">",
                                          " >",
                                          " <",
                                          "L",
                                          "G",
                                          "Generated",
                                          "GeneratedMethodAccessor1",
                                          "LambdaForm$MH",
                                          "$ByteBuddy$a",
                                          "$$ByCGLIB$$0",
                                          "lambda$a$0",
                                          "_closure1",
                                          "$plus",
                                          "%2e",
                                          "%",
                                          "vendor/",
                                          "/v2",
                                          ".func1",
                                          ".1",
                                          "-range1",
                                          "*",
                                          "~",
                                          "JS:",
                                          "a[0123456789abcdef]::",
                                          "std::__1::",
                                          "std::_",
                                          "::$_1",
                                          "\xC3",
                                          "\xC3\xA4",
                                          "\xFF",
                                          "\xF0\x9F",
                                          std::string("\0", 1),
                                          "/proc/1/root",
                                          "/overlay/a/diff",
                                          " (deleted)",
                                          "_[k]",
                                          "const ",
                                          " const",
                                          "_Z",
                                          "_ZN",
                                          "_ZN1a",
                                          "1a",
                                          "_R",
                                          "_RNv",
                                          "P",
                                          "S_",
                                          "T_",
                                          "I",
                                          "IS_S_E",
                                          "LambdaForm$",
                                          "\\",
                                          "block (2 levels) in ",
                                          "<>c.<",
                                          ">d__1",
                                          "foo(",
                                          "a,",
                                          "<a,",
                                          "& ",
                                          "decltype (",
                                          "requires "};
  std::vector<std::string> texts;
  for (const std::string& unit : units) {
    for (const std::string_view start : {"", "_ZN", "_Z1f", "_RIC1a", "foo<", "a::b("}) {
      std::string text(start);
      while (text.size() < size) text += unit;
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

TEST(SymbolLawsTest, NoMegabyteOfAnythingTakesLongOrGrows) {
  const std::vector<SymbolNormalizer> normalizers = Normalizers();
  const SymbolNormalizer& everything = normalizers[4];
  std::map<std::string, double> slow;
  for (const std::string& text : HostileTexts(1 << 20)) {
    for (const FrameType type : {FrameType::kAbsent, FrameType::kNative, FrameType::kJvm,
                                 FrameType::kGo, FrameType::kKernel, FrameType::kV8js}) {
      // What a text starts with matters most for native names.
      if (type != FrameType::kNative && text.starts_with('_')) continue;
      const auto start = std::chrono::steady_clock::now();
      const auto name = everything.NormalizeFunctionName({.name = text, .type = type});
      const auto file = everything.NormalizeFileName(text, type);
      const auto mapping = everything.NormalizeMappingName(text, type);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      ASSERT_TRUE(name.text && file && mapping) << "a megabyte is over the cap";
      EXPECT_LE(name.text->size(), 65'535u);
      EXPECT_LE(file->size(), 65'535u);
      EXPECT_LE(mapping->size(), 65'535u);
      // Linear work takes milliseconds; quadratic work on 64 KiB takes seconds. The bound is wide
      // enough for a loaded machine under a sanitizer.
      if (took.count() > 2) slow[text.substr(0, 40)] = took.count();
    }
  }
  for (const auto& [text, seconds] : slow) ADD_FAILURE() << text << ": " << seconds << " s";
}

TEST(SymbolLawsTest, HostileTextsSettleToo) {
  const std::vector<SymbolNormalizer> normalizers = Normalizers();
  for (const std::string& text : HostileTexts(300)) {
    for (const FrameType type :
         {FrameType::kAbsent, FrameType::kNative, FrameType::kJvm, FrameType::kGo,
          FrameType::kKernel, FrameType::kV8js, FrameType::kDotnet}) {
      for (const SymbolNormalizer& normalizer : normalizers) {
        ExpectTwiceIsOnce(normalizer, text, type);
      }
    }
  }
}

TEST(SymbolLawsTest, TextsAreCutAtACharacterWithinTheCap) {
  const SymbolNormalizer normalizer = MakeNormalizer({.max_name_bytes = 5, .max_path_bytes = 4});
  EXPECT_EQ(NameAfter(normalizer, "abcdefgh", FrameType::kNative), "abcde");
  EXPECT_EQ(NameAfter(normalizer, "abc\xC3\xA4\xC3\xA4", FrameType::kNative), "abc\xC3\xA4");
  EXPECT_EQ(NameAfter(normalizer, "ab\xE2\x82\xAC\xE2\x82\xAC", FrameType::kNative),
            "ab\xE2\x82\xAC");
  EXPECT_EQ(NameAfter(normalizer, "abcd\xF0\x9F\x94\xA5", FrameType::kNative), "abcd");
  EXPECT_EQ(NameAfter(normalizer, "abcde", FrameType::kNative), "abcde");
  EXPECT_EQ(normalizer.NormalizeFileName("a/b/c"), "a/b/");
  EXPECT_EQ(CutLength("\x80\x80\x80\x80\x80\x80", 5), 5u);
}

}  // namespace
}  // namespace flameway
