// SPDX-License-Identifier: Apache-2.0
// Table C: names of Go, and its truncated stacks.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "processor/symbols/go_stacks.h"
#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

constexpr FrameType kGo = FrameType::kGo;
constexpr FrameType kAbsent = FrameType::kAbsent;

constexpr SymbolCase kCases[] = {
    // C1
    {"go.shape", "pkg.(*T[go.shape.struct { F []uint8 }]).Method", "pkg.(*T).Method", kGo},
    {"go.shape", "pkg.Map[go.shape.int,go.shape.[]go.shape.int].Get[go.shape.string]",
     "pkg.Map.Get", kAbsent},
    {"go.shape", "pkg.Broken[go.shape.struct { F []uint8 }",
     "pkg.Broken[go.shape.struct { F []uint8 }", kGo},
    // C2
    {"go.elided_generics", "foo.Foo[...]", "foo.Foo", kGo},
    {"go.elided_generics", "foo.(*Foo[...]).Bar[...]", "foo.(*Foo).Bar", kAbsent},
    // C3
    {"go.plain_generics", "pkg.Func[int]", "pkg.Func[int]", kGo},
    // C4
    {"go.module_path", "github.com/foo/bar/v4.(*Foo).Bar", "bar.(*Foo).Bar", kGo},
    {"go.module_path", "github.com/foo/bar/v4/baz.Foo.Bar", "baz.Foo.Bar", kGo},
    {"go.module_path", "github.com/foobar/v0.(*Foo).Bar", "v0.(*Foo).Bar", kGo},
    {"go.module_path", "github.com/foobar/v1.(*Foo).Bar", "v1.(*Foo).Bar", kGo},
    {"go.module_path", "example.org/v2xyz.Foo", "v2xyz.Foo", kGo},
    {"go.module_path", "net/http.(*conn).serve", "http.(*conn).serve", kGo},
    {"go.module_path", "encoding/json.(*structEncoder).(encoding/json.encode)-fm",
     "json.(*structEncoder).(encoding/json.encode)-fm", kGo},
    // C5
    {"go.vendor", "github.com/blah/blah/vendor/gopkg.in/redis.v3.(*baseClient).process",
     "redis.v3.(*baseClient).process", kGo},
    // C6
    {"go.method_value", "pkg.T.M-fm", "pkg.T.M", kGo},
    // C7
    {"go.closure", "pkg.Foo.func1.2", "pkg.Foo.func", kGo},
    {"go.closure", "pkg.Foo.gowrap1", "pkg.Foo.func", kGo},
    {"go.closure", "pkg.Foo.deferwrap1", "pkg.Foo.func", kGo},
    {"go.closure", "pkg.Foo-range1", "pkg.Foo.func", kGo},
    {"go.closure", "pkg.Foo.func1.gowrap2.3", "pkg.Foo.func", kGo},
    {"go.closure", "gopkg.in/yaml.v2", "gopkg.in/yaml.v2", kGo},
    // C8
    {"go.escape", "gopkg%2ein/yaml.v2.Unmarshal", "gopkg.in/yaml.v2.Unmarshal", kGo},
    // C9
    {"go.not_native", "type..eq.k8s.io/api/core/v1.NodeSystemInfo",
     "type..eq.k8s.io/api/core/v1.NodeSystemInfo", kGo},
    {"go.not_native", "pkg.(*T).M", "pkg.(*T).M", kGo},
    {"go.not_native", "_ZN3foo3barEi", "_ZN3foo3barEi", kGo},
    {"go.not_native", "pkg.isra.0", "pkg.isra.0", kGo},
};

TEST(GoRulesTest, EachRowOfTheTableHolds) { ExpectCases(kCases); }

TEST(GoRulesTest, GoNamesInNativeFramesKeepTheirReceivers) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (const std::string_view name :
       {"net/http.(*conn).serve", "main.main.func1", "runtime.mallocgc", "runtime.goexit.abi0",
        "type..eq.k8s.io/api/core/v1.NodeSystemInfo"}) {
    EXPECT_EQ(NameAfter(normalizer, name, FrameType::kNative), name);
  }
}

GoStack Frames(uint64_t from, uint64_t to) {
  GoStack stack;
  for (uint64_t frame = from; frame <= to; ++frame) stack.push_back(frame);
  return stack;
}

TEST(GoStacksTest, ACutStackGetsTheRootOfOneThatOverlaps) {
  // The second stack goes on five frames beyond where the first was cut.
  std::vector<GoStack> stacks = {Frames(1, 32), Frames(6, 37)};
  RejoinTruncatedGoStacks(stacks);
  EXPECT_EQ(stacks[0], Frames(1, 37));
  EXPECT_EQ(stacks[1], Frames(6, 37));
}

TEST(GoStacksTest, TheStackThatGoesFarthestBeyondTheOverlapIsTaken) {
  GoStack near = Frames(3, 32);
  near.insert(near.end(), {100, 101});
  std::vector<GoStack> stacks = {Frames(1, 32), near, Frames(6, 37)};
  RejoinTruncatedGoStacks(stacks);
  EXPECT_EQ(stacks[0], Frames(1, 37));
  EXPECT_EQ(stacks[1], near);
}

TEST(GoStacksTest, ChainsOfOverlapsAreFollowed) {
  std::vector<GoStack> stacks = {Frames(1, 32), Frames(8, 39), Frames(15, 46)};
  RejoinTruncatedGoStacks(stacks);
  EXPECT_EQ(stacks[0], Frames(1, 46));
  EXPECT_EQ(stacks[1], Frames(8, 46));
}

TEST(GoStacksTest, TheOrderOfStacksDoesNotMatter) {
  std::vector<GoStack> forward = {Frames(1, 32), Frames(8, 39), Frames(15, 46), Frames(100, 130)};
  std::vector<GoStack> backward(forward.rbegin(), forward.rend());
  RejoinTruncatedGoStacks(forward);
  RejoinTruncatedGoStacks(backward);
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(forward, backward);
}

TEST(GoStacksTest, ShortOrDistantOverlapsLeaveStacksAsTheyAre) {
  // 15 frames in common; 9 frames away; a stack of 23.
  std::vector<GoStack> stacks = {Frames(1, 32),    Frames(18, 49),   Frames(200, 231),
                                 Frames(209, 240), Frames(300, 322), Frames(301, 324)};
  const std::vector<GoStack> before = stacks;
  RejoinTruncatedGoStacks(stacks);
  EXPECT_EQ(stacks, before);
}

TEST(GoStacksTest, EndlessRecursionIsLeft) {
  std::vector<GoStack> stacks(3, GoStack(40, 7));
  const std::vector<GoStack> before = stacks;
  RejoinTruncatedGoStacks(stacks);
  EXPECT_EQ(stacks, before);
}

TEST(GoStacksTest, OnlyDepthsNearGosLimitsAreSuspicious) {
  const std::vector<GoStack> shallow = {Frames(1, 20)};
  const std::vector<GoStack> heap = {Frames(1, 20), Frames(1, 30)};
  const std::vector<GoStack> newer = {Frames(1, 30), Frames(1, 40)};
  const std::vector<GoStack> cpu = {Frames(1, 62)};
  EXPECT_FALSE(MayHaveTruncatedGoStacks(shallow, GoProfileKind::kHeap));
  EXPECT_TRUE(MayHaveTruncatedGoStacks(heap, GoProfileKind::kHeap));
  EXPECT_FALSE(MayHaveTruncatedGoStacks(newer, GoProfileKind::kHeap));
  EXPECT_FALSE(MayHaveTruncatedGoStacks(heap, GoProfileKind::kCpu));
  EXPECT_TRUE(MayHaveTruncatedGoStacks(cpu, GoProfileKind::kCpu));
}

}  // namespace

std::span<const SymbolCase> GoCases() { return kCases; }

}  // namespace flameway
