// SPDX-License-Identifier: Apache-2.0
#include "bridge/observe/log.h"

#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "bridge/observe/json_text.h"
#include "bridge/observe/rate_limit.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"

namespace flameway {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::string JsonText(std::string_view text) {
  std::string out;
  AppendJsonText(text, &out);
  return out;
}

TEST(JsonTextTest, EscapesWhatCouldForgeALine) {
  EXPECT_EQ(JsonText("a\nb\tc\rd\x1b[31m\x7f"), R"(a\nb\tc\u000dd\u001b[31m\u007f)");
  EXPECT_EQ(JsonText(R"(say "hi" \o/)"), R"(say \"hi\" \\o/)");
}

TEST(JsonTextTest, KeepsUtf8AndReplacesBrokenBytes) {
  EXPECT_EQ(JsonText("\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\xa5"),
            "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\xa5");
  EXPECT_EQ(JsonText("a\x80z"), R"(a\ufffdz)");
  EXPECT_EQ(JsonText("\xc3"), R"(\ufffd)");
  EXPECT_EQ(JsonText("\xc0\xaf"), R"(\ufffd\ufffd)");
  EXPECT_EQ(JsonText("\xed\xa0\x80"), R"(\ufffd\ufffd\ufffd)");
  EXPECT_EQ(JsonText("\xf4\x90\x80\x80"), R"(\ufffd\ufffd\ufffd\ufffd)");
}

class LogTest : public testing::Test {
 protected:
  std::unique_ptr<Log> OpenLog(LogOptions::Encoding encoding, LogLevel level = LogLevel::kInfo) {
    return std::make_unique<Log>(LogOptions{
        .level = level,
        .encoding = encoding,
        .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_),
    });
  }
  std::ostringstream out_;
};

TEST_F(LogTest, WritesConsoleLines) {
  OpenLog(LogOptions::Encoding::kConsole)
      ->Write(LogLevel::kWarn, "peer\nfailed", {{"exporter", "a\"b"}, {"attempts", 3}});
  EXPECT_THAT(out_.str(), MatchesRegex("2[0-9-]*T[0-9:.]*Z\twarn\tpeer\\\\nfailed\t"
                                       "\\{\"exporter\": \"a\\\\\"b\", \"attempts\": 3\\}\n"));
}

TEST_F(LogTest, WritesJsonLines) {
  OpenLog(LogOptions::Encoding::kJson)->Write(LogLevel::kInfo, "started", {{"port", 4317}});
  EXPECT_THAT(out_.str(), MatchesRegex("\\{\"ts\": \"[^\"]*Z\", \"level\": \"info\", "
                                       "\"msg\": \"started\", \"port\": 4317\\}\n"));
}

TEST_F(LogTest, BracesInMessagesAreNotFormats) {
  OpenLog(LogOptions::Encoding::kConsole)->Write(LogLevel::kInfo, "odd {} %v {0}");
  EXPECT_THAT(out_.str(), HasSubstr("\todd {} %v {0}\n"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  const auto log = OpenLog(LogOptions::Encoding::kConsole, LogLevel::kWarn);
  log->Write(LogLevel::kInfo, "quiet");
  log->WriteLimited(LogLevel::kDebug, "quiet", "x");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(LogTest, RepeatedEventsAreCountedInsteadOfWritten) {
  const auto log = OpenLog(LogOptions::Encoding::kConsole);
  for (int i = 0; i < 100; ++i) log->WriteLimited(LogLevel::kWarn, "queue full", "otlp/a");
  log->WriteLimited(LogLevel::kWarn, "queue full", "otlp/b");
  EXPECT_GE(log->suppressed().value(), 90U);
  EXPECT_LT(out_.str().size(), 400U);
}

TEST(RateLimitTest, LetsOnePerSecondAndKeyPassAndTellsWhatWasLeftOut) {
  RateLimit limit;
  const RateLimit::TimePoint start{};
  using std::chrono::milliseconds;
  EXPECT_EQ(limit.Pass("a", start), 0U);
  EXPECT_EQ(limit.Pass("a", start + milliseconds(1)), std::nullopt);
  EXPECT_EQ(limit.Pass("b", start + milliseconds(1)), 0U);
  EXPECT_EQ(limit.Pass("a", start + milliseconds(999)), std::nullopt);
  EXPECT_EQ(limit.Pass("a", start + milliseconds(1000)), 2U);
  EXPECT_EQ(limit.Pass("a", start + milliseconds(2000)), 0U);
}

TEST(RateLimitTest, ManyKeysShareOneSlotWhenFull) {
  RateLimit limit;
  const RateLimit::TimePoint start{};
  size_t passed = 0;
  for (size_t i = 0; i < 10 * RateLimit::kMaxKeys; ++i) {
    if (limit.Pass(std::to_string(i), start).has_value()) ++passed;
  }
  EXPECT_EQ(passed, RateLimit::kMaxKeys + 1);
  EXPECT_EQ(limit.Pass("new", start + std::chrono::seconds(1)), 0U);
}

}  // namespace
}  // namespace flameway
