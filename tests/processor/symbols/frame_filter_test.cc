// SPDX-License-Identifier: Apache-2.0
// Table G, and D1 and D5: which frames of a stack stay.
#include "processor/symbols/frame_filter.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

using Stack = std::vector<FilterFrame>;
using Names = std::vector<std::string>;

Stack NativeStack(std::initializer_list<std::string_view> names) {
  Stack stack;
  for (const std::string_view name : names) stack.push_back({name, FrameType::kNative});
  return stack;
}

FrameFilter MakeFilter(const FrameFilterOptions& options) {
  absl::StatusOr<FrameFilter> filter = FrameFilter::Create(options);
  EXPECT_TRUE(filter.ok()) << filter.status();
  return *std::move(filter);
}

// The names that stay, leaf first, with the frame that stands for a cut.
Stack Filtered(const FrameFilter& filter, const Stack& stack) {
  std::map<std::string_view, uint32_t> rows;
  std::vector<JudgedFrame> judged;
  for (const FilterFrame& frame : stack) {
    const uint32_t row = rows.emplace(frame.name, static_cast<uint32_t>(rows.size())).first->second;
    judged.push_back({filter.Judge(frame), row});
  }
  std::vector<uint32_t> kept;
  Stack left;
  if (filter.Select(judged, kept) == StackDepth::kTruncated) left.push_back({"[truncated]"});
  for (const uint32_t index : kept) left.push_back(stack[index]);
  return left;
}

Names NamesOf(const Stack& stack) {
  Names names;
  for (const FilterFrame& frame : stack) names.emplace_back(frame.name);
  return names;
}

// Filters, and checks that filtering again changes nothing.
Names Filter(const FrameFilterOptions& options, const Stack& stack) {
  const FrameFilter filter = MakeFilter(options);
  const Stack once = Filtered(filter, stack);
  EXPECT_EQ(NamesOf(Filtered(filter, once)), NamesOf(once));
  return NamesOf(once);
}

SymbolRuleSet Rules(std::initializer_list<SymbolRule> on) {
  SymbolRuleSet rules;
  for (const SymbolRule rule : on) rules.Set(rule);
  return rules;
}

TEST(FrameFilterTest, WithoutOptionsEverythingStays) {
  EXPECT_TRUE(MakeFilter({}).IsIdle());
  EXPECT_EQ(Filter({}, NativeStack({"a", "a", "b"})), (Names{"a", "a", "b"}));
}

// pprof's own example, leaf first.
TEST(FrameFilterTest, DropCutsAtTheMatchNearestTheRoot) {
  const Stack stack = NativeStack({"A", "B", "C", "B", "D"});
  EXPECT_EQ(Filter({.drop_frames = "A"}, stack), (Names{"B", "C", "B", "D"}));
  EXPECT_EQ(Filter({.drop_frames = "B"}, stack), (Names{"D"}));
  EXPECT_EQ(Filter({.drop_frames = "X"}, stack), (Names{"A", "B", "C", "B", "D"}));
}

TEST(FrameFilterTest, KeepExceptsFramesFromDrop) {
  EXPECT_EQ(Filter({.drop_frames = "malloc.*", .keep_frames = "malloc_trim"},
                   NativeStack({"brk", "malloc_int", "malloc_trim", "main"})),
            (Names{"malloc_trim", "main"}));
}

TEST(FrameFilterTest, PatternsAreMatchedAgainstTheWholeSimplifiedName) {
  EXPECT_EQ(Filter({.drop_frames = "alloc"}, NativeStack({"x", "malloc", "main"})),
            (Names{"x", "malloc", "main"}));
  EXPECT_EQ(Filter({.drop_frames = "ns::f"}, NativeStack({"x", ".ns::f(int, char)", "main"})),
            (Names{"main"}));
  EXPECT_EQ(SimplifyForPruning(".foo(int)"), "foo");
  EXPECT_EQ(SimplifyForPruning("(anonymous namespace)::f(int)"), "(anonymous namespace)::f");
  EXPECT_EQ(SimplifyForPruning("A::operator()(int)"), "A::operator()");
  EXPECT_EQ(SimplifyForPruning("plain"), "plain");
}

TEST(FrameFilterTest, MatchesAtTheRootDoNotEmptyTheStack) {
  EXPECT_EQ(Filter({.drop_frames = "B|D"}, NativeStack({"A", "B", "C", "D"})), (Names{"C", "D"}));
  EXPECT_EQ(Filter({.drop_frames = ".*"}, NativeStack({"A", "B"})), (Names{"A", "B"}));
}

TEST(FrameFilterTest, PruneFromCutsBelowTheMatchNearestTheLeaf) {
  EXPECT_EQ(Filter({.prune_from = "B"}, NativeStack({"A", "B", "C", "B", "D"})),
            (Names{"B", "C", "B", "D"}));
}

TEST(FrameFilterTest, AbortMarkersAreDropped) {
  const Stack stack = {{"oops", FrameType::kAbortMarker}, {"main", FrameType::kNative}};
  EXPECT_EQ(Filter({.abort_markers = AbortMarkers::kDrop}, stack), (Names{"main"}));
  EXPECT_EQ(Filter({}, stack), (Names{"oops", "main"}));
}

TEST(FrameFilterTest, FramesOfAnInterpretersRuntimeAreDroppedInItsStacks) {
  const FilterFrame eval{"_PyEval_EvalFrameDefault", FrameType::kNative,
                         "/usr/lib/libpython3.11.so.1.0"};
  const FilterFrame libc{"memcpy", FrameType::kNative, "/usr/lib/libc.so.6"};
  const FilterFrame python{"handler", FrameType::kCpython};
  const FilterFrame vm{"vm_exec", FrameType::kNative, "/usr/lib/libruby-3.1.so.3.1"};
  const FrameFilterOptions drop{.runtime_frames = RuntimeFrames::kDrop};
  EXPECT_EQ(Filter(drop, {libc, eval, python, vm}), (Names{"memcpy", "handler", "vm_exec"}));
  EXPECT_EQ(Filter(drop, {libc, eval}), (Names{"memcpy", "_PyEval_EvalFrameDefault"}));
  EXPECT_EQ(Filter(drop, {vm, {"each", FrameType::kRuby}}), (Names{"each"}));
  EXPECT_EQ(Filter({}, {libc, eval, python}).size(), 3);
}

TEST(FrameFilterTest, EqualNeighboursAreMerged) {
  EXPECT_EQ(Filter({.repeated_frames = RepeatedFrames::kMerge},
                   NativeStack({"a", "a", "b", "a", "a", "a"})),
            (Names{"a", "b", "a"}));
}

TEST(FrameFilterTest, DeepStacksKeepTheirRootBehindATruncatedLeaf) {
  EXPECT_EQ(Filter({.max_depth = 3}, NativeStack({"a", "b", "c", "d", "root"})),
            (Names{"[truncated]", "d", "root"}));
  EXPECT_EQ(Filter({.max_depth = 3}, NativeStack({"a", "b", "root"})), (Names{"a", "b", "root"}));
}

TEST(FrameFilterTest, TheModuleFrameOfPythonIsDroppedAtTheRoot) {
  const FilterFrame module{"<module>", FrameType::kCpython};
  const FilterFrame function{"f", FrameType::kCpython};
  EXPECT_EQ(
      Filter({.rules = Rules({SymbolRule::kPythonModule})}, {function, module, function, module}),
      (Names{"f", "<module>", "f"}));
  EXPECT_EQ(Filter({}, {function, module}), (Names{"f", "<module>"}));
}

TEST(FrameFilterTest, PseudoFramesOfV8AreDroppedAndItsLeavesKept) {
  const auto v8 = [](std::string_view name) { return FilterFrame{name, FrameType::kV8js}; };
  const FrameFilterOptions on{.rules = Rules({SymbolRule::kV8Pseudo})};
  EXPECT_EQ(Filter(on, {v8("(garbage collector)"), v8("f"), v8("(root)")}),
            (Names{"(garbage collector)", "f"}));
  EXPECT_EQ(Filter(on, {v8("(program)"), v8("(root)")}), (Names{"(program)"}));
  EXPECT_EQ(Filter(on, {v8("(idle)"), v8("(root)")}), (Names{}));
  EXPECT_EQ(Filter({}, {v8("(idle)"), v8("(root)")}), (Names{"(idle)", "(root)"}));
  EXPECT_TRUE(MakeNormalizer().IsOn(SymbolRule::kV8Pseudo));
  EXPECT_FALSE(MakeNormalizer().IsOn(SymbolRule::kPythonModule));
}

TEST(FrameFilterTest, MistakesInOptionsAreNamed) {
  EXPECT_NE(std::string(FrameFilter::Create({.drop_frames = "a(b"}).status().message())
                .find("drop_frames: missing )"),
            std::string::npos);
  EXPECT_FALSE(FrameFilter::Create({.keep_frames = "a"}).ok());
  EXPECT_FALSE(FrameFilter::Create({.max_depth = 1}).ok());
}

}  // namespace
}  // namespace flameway
