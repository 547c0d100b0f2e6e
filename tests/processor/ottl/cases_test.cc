// SPDX-License-Identifier: Apache-2.0
// Every text of testdata/ottl/cases.txt means here what the Collector said it means there.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "processor/ottl/program.h"
#include "tests/processor/ottl/memory_subject.h"

namespace flameway::ottl {
namespace {

constexpr const char* kCases = "testdata/ottl/cases.txt";

// The resource that tests/processor/ottl/collector makes, too.
void FillSubject(Subject& subject) {
  Arena arena;
  const std::string one("\1", 1);
  const std::string bytes("\0\xff", 2);
  const Entry in_list[] = {{"k", Value::String("v")}};
  const Value list[] = {Value::String("a"), Value::Int(2), Value::Double(1e21),
                        Value::Bytes(one),  Value(),       Value::Map(in_list)};
  const Entry deep[] = {{"deep", Value::String("x")}};
  const Entry map[] = {{"z", Value::String("<&>\u2028é\b\n\"")},
                       {"a", Value::Double(1e-7)},
                       {"n", Value::Int(1)},
                       {"m", Value::Map(deep)}};
  const Entry attributes[] = {{"str", Value::String("text")},
                              {"path", Value::String("/usr/lib/libc.so.6")},
                              {"utf8", Value::String("aé日𝄞")},
                              {"mixed", Value::String("ÀÉ\u01c5ßZz")},
                              {"digits", Value::String("12")},
                              {"number", Value::String("1_0.5")},
                              {"nothing", Value::String("")},
                              {"int", Value::Int(42)},
                              {"negative", Value::Int(-7)},
                              {"smallest", Value::Int(std::numeric_limits<int64_t>::min())},
                              {"double", Value::Double(1.5)},
                              {"whole", Value::Double(2)},
                              {"huge", Value::Double(1e300)},
                              {"tiny", Value::Double(1e-7)},
                              {"nan", Value::Double(std::nan(""))},
                              {"yes", Value::Bool(true)},
                              {"no", Value::Bool(false)},
                              {"empty", Value()},
                              {"bytes", Value::Bytes(bytes)},
                              {"nobytes", Value::Bytes("")},
                              {"list", Value::List(list)},
                              {"map", Value::Map(map)}};
  ASSERT_TRUE(subject.Set(PathId::kResourceAttributes, Value::Map(attributes)).ok());
  ASSERT_TRUE(subject.Set(PathId::kResourceSchemaUrl, Value::String("https://example.org/1")).ok());
}

std::map<std::string, std::string> Attributes(const Subject& subject) {
  Arena arena;
  std::map<std::string, std::string> words;
  for (const Entry& entry : subject.Get(PathId::kResourceAttributes, arena).map()) {
    words.emplace(entry.key, InWords(entry.value));
  }
  return words;
}

std::string Changes(const Subject& subject) {
  MemorySubject untouched;
  FillSubject(untouched);
  const auto before = Attributes(untouched);
  const auto after = Attributes(subject);
  std::vector<std::string> parts;
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) parts.push_back("-" + key);
  }
  for (const auto& [key, value] : after) {
    const auto old = before.find(key);
    if (old == before.end() || old->second != value) parts.push_back(key + "=" + value);
  }
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const std::string& part : parts) out += out.empty() ? part : "; " + part;
  return out.empty() ? "unchanged" : out;
}

std::string Answer(const std::string& kind, const std::string& text) {
  MemorySubject subject;
  FillSubject(subject);
  Arena arena;
  const std::string texts[] = {text};
  if (kind == "condition") {
    const auto compiled = ConditionList::Compile(texts, {});
    if (std::holds_alternative<ParseErrors>(compiled)) return "refused";
    const auto holds = std::get<ConditionList>(compiled).conditions()[0].Holds(subject, arena);
    return !holds.ok() ? "error" : *holds ? "true" : "false";
  }
  const auto compiled = StatementList::Compile(texts, {});
  if (std::holds_alternative<ParseErrors>(compiled)) return "refused";
  const auto done = std::get<StatementList>(compiled).statements()[0].Execute(subject, arena);
  return done.ok() ? Changes(subject) : "error";
}

TEST(OttlCasesTest, EveryTextMeansWhatTheCollectorSays) {
  std::ifstream file(kCases);
  ASSERT_TRUE(file) << kCases;
  size_t cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string kind;
    std::string text;
    std::string expected;
    std::getline(fields, kind, '\t');
    std::getline(fields, text, '\t');
    std::getline(fields, expected);
    // What is marked is refused here although the Collector takes it, each with its reason in
    // docs/ottl.md.
    if (kind.back() == '!') {
      kind.pop_back();
      EXPECT_NE(expected, "refused") << "no need for the mark: " << text;
      expected = "refused";
    }
    EXPECT_EQ(Answer(kind, text), expected) << kind << " " << text;
    ++cases;
  }
  EXPECT_GE(cases, 1'100u);
}

}  // namespace
}  // namespace flameway::ottl
