// SPDX-License-Identifier: Apache-2.0
// Texts that are meant to hurt, and the parts of YAML people do use.
#include "bridge/config/yaml_source.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/bridge/config/config_fixture.h"

namespace flameway {
namespace {

std::string Repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct Parsed {
  ConfigNode root;
  std::vector<Diagnostic> diagnostics;
  [[nodiscard]] std::string code() const {
    return diagnostics.empty() ? "" : std::string(CodeText(diagnostics[0].code));
  }
};

Parsed Parse(const std::string& text) {
  const std::vector<SourceText> sources = {{"x.yaml", text}};
  DiagnosticLog log(&sources);
  Parsed parsed;
  parsed.root = ParseYamlSource(0, log);
  parsed.diagnostics = log.Take();
  return parsed;
}

TEST(YamlSource, KnowsWhereEachNodeStands) {
  const Parsed parsed = Parse("a:\n  b: [x, 'y']\n");
  const ConfigNode::Entry* b = parsed.root.Find("a")->FindEntry("b");
  EXPECT_EQ(b->key_origin, (Origin{0, 2, 3}));
  EXPECT_EQ(b->value.items[0].origin, (Origin{0, 2, 7}));
  EXPECT_EQ(b->value.items[0].style, ConfigNode::Style::kPlain);
  EXPECT_EQ(b->value.items[1].origin, (Origin{0, 2, 10}));
  EXPECT_EQ(b->value.items[1].style, ConfigNode::Style::kText);
}

TEST(YamlSource, MergeKeysFillWhatIsMissing) {
  const Parsed parsed = Parse("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 0}\n");
  EXPECT_TRUE(parsed.diagnostics.empty());
  const ConfigNode& c = *parsed.root.Find("c");
  EXPECT_EQ(c.Find("x")->text, "0");
  EXPECT_EQ(c.Find("y")->text, "2");
  EXPECT_EQ(c.Find("z")->text, "4");
}

TEST(YamlSource, JoinedKeysUnfoldAndCollideLikeNestedOnes) {
  const Parsed parsed = Parse("a::b::c: 1\na::b::d: 2\na::b: 3\n");
  EXPECT_EQ(parsed.root.Find("a")->Find("b")->Find("d")->text, "2");
  EXPECT_EQ(parsed.code(), "E0003");
}

TEST(YamlSource, DuplicateKeysAreFoundAtAnyDepthAndInAnyQuoting) {
  const Parsed parsed = Parse("a:\n  - {k: 1, \"k\": 2}\n");
  ASSERT_EQ(parsed.diagnostics.size(), 1U);
  EXPECT_EQ(parsed.code(), "E0003");
  EXPECT_EQ(parsed.diagnostics[0].origin, (Origin{0, 2, 12}));
}

TEST(YamlSource, AnEmptySourceIsNothing) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n"}) {
    const Parsed parsed = Parse(text);
    EXPECT_TRUE(parsed.root.is_null()) << text;
    EXPECT_TRUE(parsed.diagnostics.empty()) << text;
  }
}

TEST(YamlSource, BrokenTextIsAFindingAndNotACrash) {
  for (const char* text : {"a: [", "a: {b", "a: *x", "a: &a *a", "a: &a [*a]", "\"a", "%",
                           "a: b: c", "? [x]\n: y", "{[]: 1}", "a: !!! x", "\t", "- a\nb: c",
                           "\xff\xfe\x00x", "a: \"\\xZZ\"", "%YAML 9.9\n---\na: 1", "...", "@a"}) {
    const Parsed parsed = Parse(text);
    SUCCEED() << parsed.code();
  }
  EXPECT_EQ(Parse("a: [").code(), "E0002");
  EXPECT_EQ(Parse("a: *x").code(), "E0002");
  EXPECT_EQ(Parse("a: &a [*a]").code(), "E0002");
  EXPECT_EQ(Parse("{[]: 1}").code(), "E0002");
}

TEST(YamlSource, NestingIsBounded) {
  EXPECT_EQ(Parse(Repeat("[", 100) + Repeat("]", 100)).code(), "E0004");
  EXPECT_EQ(Parse(Repeat("{a: ", 100) + "1" + Repeat("}", 100)).code(), "E0004");
  EXPECT_EQ(Parse(Repeat("a::", 200) + "b: 1").code(), "E0004");
  EXPECT_FALSE(Parse(Repeat("[", 50'000)).code().empty());
  EXPECT_FALSE(Parse(Repeat("{", 50'000)).code().empty());
  EXPECT_FALSE(Parse(Repeat("- ", 50'000)).code().empty());
}

TEST(YamlSource, AliasesCannotMultiply) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = fmt::format("*a{}, ", i - 1);
    text += fmt::format("a{0}: &a{0} [{1}]\n", i, Repeat(alias, 10));
  }
  const Parsed parsed = Parse(text);
  EXPECT_EQ(parsed.code(), "E0004");
  EXPECT_TRUE(parsed.root.is_null());
}

TEST(YamlSource, SizeAndNumberOfValuesAreBounded) {
  EXPECT_EQ(Parse(std::string(kMaxConfigBytes + 1, '#')).code(), "E0004");
  EXPECT_EQ(Parse("[" + Repeat("a,", kMaxConfigNodes + 10) + "]").code(), "E0004");
  std::string wide;
  for (int i = 0; i < 5'000; ++i) wide += fmt::format("k{}: 1\n", i);
  EXPECT_EQ(Parse(wide).code(), "E0004");
}

}  // namespace
}  // namespace flameway
