// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/json_writer.h"

#include "gtest/gtest.h"

namespace flameway {
namespace {

TEST(JsonWriterTest, WritesOneLine) {
  JsonWriter json(JsonWriter::Layout::kOneLine);
  json.BeginObject().Key("a").Value(1).Key("b").BeginArray().String("x").Flag(true).EndArray();
  json.Key("c").BeginObject().EndObject().Key("d").BeginArray().EndArray().EndObject();
  EXPECT_EQ(json.text(), R"({"a":1, "b":["x", true], "c":{}, "d":[]})");
}

TEST(JsonWriterTest, WritesIndented) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.BeginArray().BeginObject().Key("a").Value(uint64_t{1} << 63).EndObject();
  json.BeginObject().EndObject().EndArray();
  EXPECT_EQ(json.text(), "[\n  {\n    \"a\": 9223372036854775808\n  },\n  {}\n]");
}

TEST(JsonWriterTest, EscapesWhatJsonCannotHold) {
  JsonWriter json(JsonWriter::Layout::kOneLine);
  json.String("q\"b\\n\n\xff");
  EXPECT_EQ(json.text().find('\n'), std::string::npos);
  EXPECT_EQ(json.text().find('\xff'), std::string::npos);
}

}  // namespace
}  // namespace flameway
