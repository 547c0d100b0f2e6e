// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/debug.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/export/debug_options.h"
#include "bridge/export/message_text.h"
#include "bridge/export/nop.h"
#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Verbosity = DebugExporterOptions::Verbosity;
using wire::Writer;

// A message from its fields.
std::string Message(std::initializer_list<std::pair<uint32_t, std::string>> byte_fields,
                    std::initializer_list<std::pair<uint32_t, uint64_t>> varints = {}) {
  std::string message;
  Writer writer(&message);
  for (const auto& [field, bytes] : byte_fields) writer.BytesField(field, bytes);
  for (const auto& [field, value] : varints) writer.VarintField(field, value);
  return message;
}

// One sample, two frames of which the first holds an inlined one.
std::string TestRequest() {
  std::string dictionary;
  Writer writer(&dictionary);
  for (const char* text : {"", "cpu", "nanoseconds", "inner", "outer", "main.cc", "app",
                           "thread.name", "runs\nhere"}) {
    writer.BytesField(otlp::ProfilesDictionary::string_table, text);
  }
  writer.BytesField(otlp::ProfilesDictionary::mapping_table, "");
  writer.BytesField(otlp::ProfilesDictionary::mapping_table, Message({}, {{4, 6}}));
  writer.BytesField(otlp::ProfilesDictionary::function_table, "");
  writer.BytesField(otlp::ProfilesDictionary::function_table, Message({}, {{1, 3}, {3, 5}}));
  writer.BytesField(otlp::ProfilesDictionary::function_table, Message({}, {{1, 4}, {3, 5}}));
  writer.BytesField(otlp::ProfilesDictionary::location_table, "");
  writer.BytesField(
      otlp::ProfilesDictionary::location_table,
      Message({{3, Message({}, {{1, 1}, {2, 10}})}, {3, Message({}, {{1, 2}, {2, 20}})}},
              {{1, 1}, {2, 0x1234}}));
  writer.BytesField(otlp::ProfilesDictionary::location_table, Message({}, {{1, 1}, {2, 0xabcd}}));
  writer.BytesField(otlp::ProfilesDictionary::stack_table, "");
  writer.BytesField(otlp::ProfilesDictionary::stack_table, Message({{1, "\x01\x02"}}));
  writer.BytesField(otlp::ProfilesDictionary::attribute_table, "");
  writer.BytesField(otlp::ProfilesDictionary::attribute_table,
                    Message({{2, Message({{1, "worker"}})}}, {{1, 7}}));

  const std::string sample = Message({{2, "\x01"}, {4, "\x2A"}}, {{1, 1}});
  const std::string profile =
      Message({{1, Message({}, {{1, 1}, {2, 2}})}, {2, sample}}, {{6, 100}});
  const std::string scope = Message({{1, Message({{1, "scope"}, {2, "1.0"}})}, {2, profile}});
  const std::string resource =
      Message({{1, Message({{1, "service.name"}, {2, Message({{1, "shop"}})}})},
               {1, Message({{1, "list"},
                            {2, Message({{5, Message({{1, Message({}, {{3, 7}})},
                                                      {1, Message({}, {{2, 1}})}})}})}})}});
  const std::string resource_profiles = Message({{1, resource}, {2, scope}});
  return Message({{1, resource_profiles}, {2, dictionary}});
}

TEST(DescribeRequestTest, BasicIsOneLineOfCounts) {
  EXPECT_EQ(DescribeRequest(TestRequest(), Verbosity::kBasic),
            "resource profiles: 1, profiles: 1, samples: 1, stacks: 2, locations: 3, "
            "functions: 3, mappings: 2, strings: 9, bytes: " +
                std::to_string(TestRequest().size()) + "\n");
  EXPECT_THAT(DescribeRequest("", Verbosity::kBasic), HasSubstr("profiles: 0"));
}

TEST(DescribeRequestTest, NormalHasALineForEachResourceScopeAndProfile) {
  const std::string text = DescribeRequest(TestRequest(), Verbosity::kNormal);
  EXPECT_THAT(text, HasSubstr("ResourceProfiles #0 service.name=shop list=[7, true]\n"));
  EXPECT_THAT(text, HasSubstr("  ScopeProfiles #0 scope@1.0\n"));
  EXPECT_THAT(text, HasSubstr("    Profile #0 samples=1 type=cpu/nanoseconds period=100\n"));
  EXPECT_THAT(text, Not(HasSubstr("Sample #")));
}

TEST(DescribeRequestTest, DetailedFollowsEveryReference) {
  const std::string text = DescribeRequest(TestRequest(), Verbosity::kDetailed);
  EXPECT_THAT(text, HasSubstr("      Sample #0 values: 42 thread.name=worker\n"
                              "        inner main.cc:10 (inlined)\n"
                              "        outer main.cc:20 [app] 0x1234\n"
                              "        ? [app] 0xabcd\n"));
}

TEST(DescribeRequestTest, DanglingReferencesAreNamed) {
  const std::string sample = Message({{2, "\x63"}}, {{1, 5}, {3, 6}});
  const std::string profile = Message({{1, Message({}, {{1, 9}})}, {2, sample}});
  const std::string request = Message({{1, Message({{2, Message({{2, profile}})}})}});
  const std::string text = DescribeRequest(request, Verbosity::kDetailed);
  EXPECT_THAT(text, HasSubstr("(no string 9)"));
  EXPECT_THAT(text, HasSubstr("(no attribute 99)"));
  EXPECT_THAT(text, HasSubstr("(no link 6)"));
  EXPECT_THAT(text, HasSubstr("(no stack 5)"));
}

TEST(DescribeRequestTest, ControlCharactersAreEscaped) {
  const std::string resource = Message({{1, Message({{1, "a\nb\x1b"}, {2, ""}})}});
  const std::string text =
      DescribeRequest(Message({{1, Message({{1, resource}})}}), Verbosity::kNormal);
  EXPECT_THAT(text, HasSubstr("a\\nb\\x1b="));
}

TEST(DescribeRequestTest, DamageIsSaid) {
  std::string request = TestRequest();
  request.resize(request.size() - 3);
  EXPECT_THAT(DescribeRequest(request, Verbosity::kBasic), HasSubstr("(damaged)"));
}

TEST(DescribeRequestTest, EveryPrefixAndEveryFlippedByteEndsWell) {
  const std::string request = TestRequest();
  for (size_t size = 0; size <= request.size(); ++size) {
    EXPECT_FALSE(DescribeRequest(request.substr(0, size), Verbosity::kDetailed).empty());
  }
  for (size_t at = 0; at < request.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = request;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      EXPECT_FALSE(DescribeRequest(flipped, Verbosity::kDetailed).empty());
    }
  }
}

TEST(DescribeRequestTest, DeepNestingStops) {
  std::string value = Message({{1, "end"}});
  for (int i = 0; i < 10'000; ++i) value = Message({{5, Message({{1, value}})}});
  const std::string resource = Message({{1, Message({{1, "k"}, {2, value}})}});
  const std::string text =
      DescribeRequest(Message({{1, Message({{1, resource}})}}), Verbosity::kNormal);
  EXPECT_THAT(text, HasSubstr("(nested too deeply)"));
}

TEST(DescribeRequestTest, RepeatedReferencesToLargeRowsAreCut) {
  // A function row of 1 MB that 100'000 lines refer to.
  std::string dictionary;
  Writer writer(&dictionary);
  writer.BytesField(otlp::ProfilesDictionary::function_table, "");
  writer.BytesField(otlp::ProfilesDictionary::function_table,
                    Message({{15, std::string(1'000'000, 'x')}}));
  std::string location;
  for (int i = 0; i < 100'000; ++i) Writer(&location).BytesField(3, Message({}, {{1, 1}}));
  writer.BytesField(otlp::ProfilesDictionary::location_table, location);
  writer.BytesField(otlp::ProfilesDictionary::stack_table, Message({{1, std::string(1, '\0')}}));
  const std::string profile = Message({{2, Message({{4, "\x01"}})}});
  const std::string request =
      Message({{1, Message({{2, Message({{2, profile}})}})}, {2, dictionary}});
  const std::string text = DescribeRequest(request, Verbosity::kDetailed);
  EXPECT_THAT(text, HasSubstr("(cut here"));
  EXPECT_LT(text.size(), 20U << 20U);
}

TEST(DescribeRequestTest, RepeatedStacksAreCut) {
  std::string dictionary;
  Writer writer(&dictionary);
  writer.BytesField(otlp::ProfilesDictionary::location_table, "");
  writer.BytesField(otlp::ProfilesDictionary::stack_table,
                    Message({{1, std::string(100'000, '\0')}}));
  std::string profile;
  for (int i = 0; i < 10'000; ++i) Writer(&profile).BytesField(2, "");
  const std::string request =
      Message({{1, Message({{2, Message({{2, profile}})}})}, {2, dictionary}});
  const std::string text = DescribeRequest(request, Verbosity::kDetailed);
  EXPECT_THAT(text, HasSubstr("(cut here"));
  EXPECT_LT(text.size(), 20U << 20U);
}

Frame FrameOf(std::string payload, Codec codec) {
  Frame frame;
  frame.id = {0xab};
  frame.codec = codec;
  frame.payload = std::move(payload);
  frame.samples_out = 12;
  return frame;
}

TEST(DebugExporterTest, PrintsOneLineForABatchAndAcceptsIt) {
  std::string printed;
  auto exporter = CreateDebugExporter({}, [&printed](const std::string& text) { printed += text; });
  ASSERT_TRUE(exporter.ok());
  EXPECT_EQ((*exporter)->wire_form().codec, Codec::kNone);
  const auto lane = (*exporter)->OpenLane();
  EXPECT_EQ(lane->Deliver(FrameOf(TestRequest(), Codec::kNone)).outcome,
            Delivery::Outcome::kDelivered);
  EXPECT_THAT(printed, HasSubstr("batch ab000000000000000000000000000000: resource profiles: 1,"));
  EXPECT_EQ(printed.find('\n'), printed.size() - 1);
}

TEST(DebugExporterTest, OfACompressedFrameTheCountsArePrinted) {
  std::string printed;
  auto exporter = CreateDebugExporter({}, [&printed](const std::string& text) { printed += text; });
  ASSERT_TRUE(exporter.ok());
  EXPECT_EQ((*exporter)->OpenLane()->Deliver(FrameOf("\x28\xb5", Codec::kZstd)).outcome,
            Delivery::Outcome::kDelivered);
  EXPECT_THAT(printed, HasSubstr("zstd, 2 bytes, samples: 12\n"));
}

TEST(NopExporterTest, AcceptsEverything) {
  auto exporter = CreateNopExporter({});
  ASSERT_TRUE(exporter.ok());
  EXPECT_TRUE((*exporter)->Start().ok());
  EXPECT_EQ((*exporter)->OpenLane()->Deliver({}).outcome, Delivery::Outcome::kDelivered);
}

}  // namespace
}  // namespace flameway
