// SPDX-License-Identifier: Apache-2.0
// Table D: names of interpreted and managed languages. Frames that are dropped (D1, D5) are in
// frame_filter_test.cc.
#include <gtest/gtest.h>

#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

constexpr FrameType kV8 = FrameType::kV8js;
constexpr FrameType kDotnet = FrameType::kDotnet;
constexpr FrameType kPython = FrameType::kCpython;
constexpr DemangleMode kSimple = DemangleMode::kSimple;
constexpr CaseText kFile = CaseText::kFile;

constexpr SymbolCase kCases[] = {
    // D2
    {"interpreted.python_path", "/usr/lib/python3.11/site-packages/flask/app.py", "flask/app.py",
     kPython, kSimple, kFile},
    {"interpreted.python_path", "/usr/lib/python3/dist-packages/apt/cache.py", "apt/cache.py",
     kPython, kSimple, kFile},
    // D3
    {"interpreted.ruby_block", "block (2 levels) in foo", "block in foo", FrameType::kRuby},
    // D6
    {"interpreted.v8_tier", "*foo", "foo", kV8},
    {"interpreted.v8_tier", "~foo", "foo", kV8},
    {"interpreted.v8_tier", "^foo", "foo", kV8},
    {"interpreted.v8_tier", "LazyCompile:*foo /a/b.js:1", "foo /a/b.js:1", kV8},
    {"interpreted.v8_tier", "JS:~foo", "foo", kV8},
    // D7
    {"interpreted.node_path", "node:internal/process/task_queues",
     "node:internal/process/task_queues", kV8, kSimple, kFile},
    {"interpreted.node_path", "file:///app/node_modules/x/index.js", "node_modules/x/index.js", kV8,
     kSimple, kFile},
    {"interpreted.node_path", "webpack-internal:///./src/a.js?1f2c", "./src/a.js", kV8, kSimple,
     kFile},
    {"interpreted.node_path", "file:///app/src/a.js", "/app/src/a.js", kV8, kSimple, kFile},
    // D8
    {"interpreted.dotnet_async", "Worker+<RunAsync>d__3.MoveNext", "Worker.RunAsync", kDotnet},
    {"interpreted.dotnet_async", "<>c.<Bar>b__2_0", "Bar", kDotnet},
    {"interpreted.dotnet_async", "Ns.Outer+<>c__DisplayClass5_0.<Bar>b__0", "Ns.Outer.Bar",
     kDotnet},
    // D9
    {"interpreted.dotnet_tier", "Ns.Foo.Bar[OptimizedTier1]", "Ns.Foo.Bar", kDotnet},
    {"interpreted.dotnet_tier", "Ns.Foo.Bar[PreJIT]", "Ns.Foo.Bar", kDotnet},
    {"interpreted.dotnet_tier", "void Ns.Foo::Bar()[QuickJitted]", "void Ns.Foo::Bar()", kDotnet},
    // D10
    {"interpreted.others", "App\\Http\\Kernel::handle", "App\\Http\\Kernel::handle",
     FrameType::kPhp},
    {"interpreted.others", "main::foo(bar)", "main::foo(bar)", FrameType::kPerl},
    {"interpreted.others", "foo.lua:12", "foo.lua:12", FrameType::kLuajit},
    {"interpreted.others", "lists:map/2", "lists:map/2", FrameType::kBeam},
};

TEST(InterpretedRulesTest, EachRowOfTheTableHolds) { ExpectCases(kCases); }

TEST(InterpretedRulesTest, AFunctionOfNodeWithoutANameIsCalledByItsFile) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  EXPECT_EQ(normalizer.NormalizeFunctionName({.type = kV8, .file = "/a/b/file.js:12"}).text,
            "(anonymous file.js:12)");
  EXPECT_EQ(
      normalizer.NormalizeFunctionName({.type = kV8, .file = "/a/b/file.js", .start_line = 12})
          .text,
      "(anonymous file.js:12)");
  EXPECT_EQ(normalizer.NormalizeFunctionName({.type = kV8}).text, std::nullopt);
  EXPECT_EQ(normalizer.NormalizeFunctionName({.type = kPython, .file = "/a/b/file.py"}).text,
            std::nullopt);
  EXPECT_EQ(normalizer.NormalizeFunctionName({.name = "f", .type = kV8, .file = "/a/f.js"}).text,
            std::nullopt);
  const SymbolNormalizer off =
      MakeNormalizer({.switches = {{"interpreted.node_anonymous", SwitchState::kOff}}});
  EXPECT_EQ(off.NormalizeFunctionName({.type = kV8, .file = "/a/b/file.js:12"}).text, std::nullopt);
}

TEST(InterpretedRulesTest, BlocksOfRubyAreCalledByClassAndMethodWhereTheClassIsKnown) {
  const SymbolNormalizer normalizer =
      MakeNormalizer({.switches = {{"interpreted.ruby_block", SwitchState::kOn}}});
  const auto name_of = [&](std::string_view name, std::string_view class_name) {
    return normalizer
        .NormalizeFunctionName({.name = name, .type = FrameType::kRuby, .class_name = class_name})
        .text;
  };
  EXPECT_EQ(name_of("block in foo", "ClassA"), "block in ClassA#foo");
  EXPECT_EQ(name_of("block in ClassA#foo", "ClassA"), std::nullopt);
  EXPECT_EQ(name_of("block in foo", ""), std::nullopt);
  EXPECT_EQ(name_of("foo", "ClassA"), std::nullopt);
}

TEST(InterpretedRulesTest, ARuleOfOneLanguageLeavesTheOthers) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  EXPECT_EQ(NameAfter(normalizer, "*foo", FrameType::kRuby), "*foo");
  EXPECT_EQ(NameAfter(normalizer, "Foo[PreJIT]", kV8), "Foo[PreJIT]");
  EXPECT_EQ(NameAfter(normalizer, "foo.cold", kPython), "foo.cold");
  EXPECT_EQ(NameAfter(normalizer, "*", kV8), "*");
}

}  // namespace

std::span<const SymbolCase> InterpretedCases() { return kCases; }

}  // namespace flameway
