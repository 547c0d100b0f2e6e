// SPDX-License-Identifier: Apache-2.0
// What destinations answer, read and judged: codes, statuses, details, delays, messages.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "bridge/export/export_response.h"
#include "bridge/export/failed_delivery.h"
#include "bridge/export/grpc_reply.h"
#include "bridge/export/request_headers.h"
#include "bridge/export/retry_after.h"
#include "bridge/export/retry_classification.h"
#include "bridge/export/rpc_code.h"
#include "bridge/export/rpc_status.h"
#include "proto/wire/writer.h"
#include "tests/bridge/export/rpc_messages.h"

namespace flameway {
namespace {

using namespace std::chrono_literals;
using Outcome = Delivery::Outcome;

TEST(RetryClassificationTest, EveryGrpcCodeIsJudgedByTheTable) {
  struct Case {
    int code;
    const char* name;
    Outcome plain;
    Outcome with_retry_info;
  };
  constexpr Outcome kOk = Outcome::kDelivered;
  constexpr Outcome kRetry = Outcome::kRetry;
  constexpr Outcome kNever = Outcome::kPermanent;
  constexpr std::array<Case, 17> kCases = {{
      {0, "OK", kOk, kOk},
      {1, "CANCELLED", kRetry, kRetry},
      {2, "UNKNOWN", kNever, kNever},
      {3, "INVALID_ARGUMENT", kNever, kNever},
      {4, "DEADLINE_EXCEEDED", kRetry, kRetry},
      {5, "NOT_FOUND", kNever, kNever},
      {6, "ALREADY_EXISTS", kNever, kNever},
      {7, "PERMISSION_DENIED", kNever, kNever},
      {8, "RESOURCE_EXHAUSTED", kNever, kRetry},
      {9, "FAILED_PRECONDITION", kNever, kNever},
      {10, "ABORTED", kRetry, kRetry},
      {11, "OUT_OF_RANGE", kRetry, kRetry},
      {12, "UNIMPLEMENTED", kNever, kNever},
      {13, "INTERNAL", kNever, kNever},
      {14, "UNAVAILABLE", kRetry, kRetry},
      {15, "DATA_LOSS", kRetry, kRetry},
      {16, "UNAUTHENTICATED", kNever, kNever},
  }};
  for (const Case& c : kCases) {
    const RpcCode code = ParseRpcCode(std::to_string(c.code));
    EXPECT_EQ(RpcCodeName(code), c.name);
    EXPECT_EQ(ClassifyRpc(code, RetryHint::kNone), c.plain) << c.name;
    EXPECT_EQ(ClassifyRpc(code, RetryHint::kGiven), c.with_retry_info) << c.name;
  }
}

TEST(RetryClassificationTest, OnlyFourHttpStatusesAreRetried) {
  for (int status = 100; status < 600; ++status) {
    const bool retried = status == 429 || status == 502 || status == 503 || status == 504;
    const Outcome expected = status >= 200 && status < 300 ? Outcome::kDelivered
                             : retried                     ? Outcome::kRetry
                                                           : Outcome::kPermanent;
    EXPECT_EQ(ClassifyHttp(status), expected) << status;
  }
}

TEST(RpcCodeTest, WhatIsNoCodeIsUnknown) {
  for (const char* text : {"", "17", "-1", "1x", " 1", "99999999999999999999"}) {
    EXPECT_EQ(ParseRpcCode(text), RpcCode::kUnknown) << text;
  }
}

TEST(RpcCodeTest, HttpStatusesMapAsGrpcSays) {
  EXPECT_EQ(RpcCodeOfHttpStatus(400), RpcCode::kInternal);
  EXPECT_EQ(RpcCodeOfHttpStatus(401), RpcCode::kUnauthenticated);
  EXPECT_EQ(RpcCodeOfHttpStatus(403), RpcCode::kPermissionDenied);
  EXPECT_EQ(RpcCodeOfHttpStatus(404), RpcCode::kUnimplemented);
  for (const int status : {429, 502, 503, 504}) {
    EXPECT_EQ(RpcCodeOfHttpStatus(status), RpcCode::kUnavailable) << status;
  }
  for (const int status : {200, 302, 408, 418, 500}) {
    EXPECT_EQ(RpcCodeOfHttpStatus(status), RpcCode::kUnknown) << status;
  }
}

TEST(RpcStatusTest, ReadsTheMessageAndTheDelayOfRetryInfo) {
  const auto status = ParseRpcStatus(RpcStatusMessage("slow down", 5, 250'000'000));
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->message, "slow down");
  EXPECT_EQ(status->retry_delay, 5250ms);
}

TEST(RpcStatusTest, NoRetryInfoIsNoDelay) {
  const auto status = ParseRpcStatus(RpcStatusMessage("no"));
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->retry_delay, std::nullopt);
}

TEST(RpcStatusTest, HostileDurationsNeitherOverflowNorGoBelowZero) {
  EXPECT_EQ(ParseRpcStatus(RpcStatusMessage("", -5, -1))->retry_delay, 0ms);
  EXPECT_GT(ParseRpcStatus(RpcStatusMessage("", INT64_MAX, INT32_MAX))->retry_delay, 24h);
  EXPECT_EQ(ParseRpcStatus(RpcStatusMessage("", 0, 1))->retry_delay, 1ms);
}

TEST(RpcStatusTest, EveryPrefixIsReadOrRefusedButNeverCrashes) {
  const std::string whole = RpcStatusMessage("message", 5, 7);
  for (size_t size = 0; size < whole.size(); ++size) {
    static_cast<void>(ParseRpcStatus(whole.substr(0, size)));
  }
  EXPECT_FALSE(ParseRpcStatus("plain text").has_value());
}

TEST(GrpcReplyTest, ReadsStatusMessageAndDetailsFromTrailers) {
  H2Reply reply;
  reply.http_status = 200;
  reply.headers = {{"content-type", "application/grpc"},
                   {"grpc-status", "8"},
                   {"grpc-message", "quota of t%C3%A9nant 7%25"},
                   {"grpc-status-details-bin", absl::Base64Escape(RpcStatusMessage("x", 3, 0))}};
  const GrpcReply read = ReadGrpcReply(reply);
  EXPECT_EQ(read.code, RpcCode::kResourceExhausted);
  EXPECT_EQ(read.message, "quota of t\xC3\xA9nant 7%");
  EXPECT_EQ(read.retry_delay, 3s);
}

TEST(GrpcReplyTest, DetailsComeWithoutPaddingToo) {
  for (const std::string text : {"a", "ab", "abc"}) {
    std::string encoded = absl::Base64Escape(RpcStatusMessage(text, 3, 0));
    while (encoded.back() == '=') encoded.pop_back();
    H2Reply reply;
    reply.headers = {{"grpc-status", "14"}, {"grpc-status-details-bin", encoded}};
    EXPECT_EQ(ReadGrpcReply(reply).retry_delay, 3s) << text;
    EXPECT_EQ(ReadGrpcReply(reply).message, text);
  }
}

TEST(GrpcReplyTest, WithoutAGrpcStatusTheHttpStatusDecides) {
  H2Reply reply;
  reply.http_status = 503;
  EXPECT_EQ(ReadGrpcReply(reply).code, RpcCode::kUnavailable);
  reply.http_status = 200;
  EXPECT_EQ(ReadGrpcReply(reply).code, RpcCode::kUnknown);
}

TEST(GrpcReplyTest, BrokenEscapesInAMessageStayAsTheyAre) {
  EXPECT_EQ(DecodeGrpcMessage("100%"), "100%");
  EXPECT_EQ(DecodeGrpcMessage("%2"), "%2");
  EXPECT_EQ(DecodeGrpcMessage("%zz%41"), "%zzA");
}

TEST(GrpcReplyTest, AMessageFrameIsExactlyOneFrame) {
  const std::string frame = GrpcPrefix(GrpcMessageForm::kCompressed, 3) + "abc";
  const auto message = ParseGrpcMessage(frame);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->form, GrpcMessageForm::kCompressed);
  EXPECT_EQ(message->bytes, "abc");
  EXPECT_FALSE(ParseGrpcMessage(frame + "x").has_value());
  EXPECT_FALSE(ParseGrpcMessage(frame.substr(0, 7)).has_value());
  EXPECT_FALSE(ParseGrpcMessage("").has_value());
  EXPECT_FALSE(ParseGrpcMessage(std::string("\x02\0\0\0\0", 5)).has_value());
  EXPECT_EQ(GrpcPrefix(GrpcMessageForm::kIdentity, 0x01020304), std::string("\0\1\2\3\4", 5));
}

TEST(GrpcReplyTest, TimeoutsHaveAtMostEightDigits) {
  EXPECT_EQ(GrpcTimeoutText(5s), "5000m");
  EXPECT_EQ(GrpcTimeoutText(0ms), "1m");
  EXPECT_EQ(GrpcTimeoutText(100'000'000ms), "100000S");
}

TEST(ExportResponseTest, EmptyPartialSuccessIsFullSuccess) {
  for (const std::string& bytes : {std::string(), std::string("\x0A\x00", 2)}) {
    const auto response = ParseExportResponse(bytes);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->rejected_profiles, 0);
    EXPECT_EQ(response->error_message, "");
  }
}

TEST(ExportResponseTest, RejectedProfilesAndTextAreRead) {
  const auto response = ParseExportResponse(ExportResponseMessage(3, "too old"));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->rejected_profiles, 3);
  EXPECT_EQ(response->error_message, "too old");
}

TEST(ExportResponseTest, NegativeCountsAreNoneAndGarbageIsRefused) {
  EXPECT_EQ(ParseExportResponse(ExportResponseMessage(-4, ""))->rejected_profiles, 0);
  EXPECT_FALSE(ParseExportResponse("garbage").has_value());
}

class RetryAfterTest : public ::testing::Test {
 protected:
  // 2026-11-23 12:00:00 UTC, a Monday.
  const std::chrono::system_clock::time_point now_ = absl::ToChronoTime(
      absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone()));
};

TEST_F(RetryAfterTest, SecondsAreTakenAsTheyAre) {
  EXPECT_EQ(ParseRetryAfter("0", now_), 0ms);
  EXPECT_EQ(ParseRetryAfter(" 120 ", now_), 120s);
}

TEST_F(RetryAfterTest, DatesInAllThreeFormsAreComparedWithNow) {
  EXPECT_EQ(ParseRetryAfter("Mon, 23 Nov 2026 12:00:30 GMT", now_), 30s);
  EXPECT_EQ(ParseRetryAfter("Monday, 23-Nov-26 12:00:30 GMT", now_), 30s);
  EXPECT_EQ(ParseRetryAfter("Mon Nov 23 12:00:30 2026", now_), 30s);
}

TEST_F(RetryAfterTest, ADateThatIsOverLeavesTheDelayToTheBackoff) {
  EXPECT_EQ(ParseRetryAfter("Mon, 23 Nov 2026 11:59:59 GMT", now_), std::nullopt);
}

TEST_F(RetryAfterTest, MoreThanAnHourIsCut) {
  EXPECT_EQ(ParseRetryAfter("1000000000", now_), 1h);
  EXPECT_EQ(ParseRetryAfter("99999999999999999999999999", now_), 1h);
  EXPECT_EQ(ParseRetryAfter("Tue, 24 Nov 2026 12:00:00 GMT", now_), 1h);
}

TEST_F(RetryAfterTest, GarbageIsIgnored) {
  for (const char* text : {"", "soon", "-5", "1.5", "5s", "Mon, 99 Nov 2026 12:00:30 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(text, now_), std::nullopt) << text;
  }
}

TEST(RequestHeadersTest, GrpcNamesAreLoweredAndBinaryValuesEncoded) {
  const auto headers = GrpcRequestHeaders({{"X-Scope-OrgID", "a"}, {"trace-bin", "\x01\x02"}});
  ASSERT_TRUE(headers.ok());
  EXPECT_EQ((*headers)[0].first, "x-scope-orgid");
  EXPECT_EQ((*headers)[1].second, "AQI=");
}

TEST(RequestHeadersTest, HeadersThatCouldBreakTheMessageAreRefused) {
  for (const RequestHeaders& bad : {RequestHeaders{{"x", "a\r\nb: c"}},
                                    {{"x y", "a"}},
                                    {{"", "a"}},
                                    {{":path", "/"}},
                                    {{"Content-Length", "1"}},
                                    {{"transfer-encoding", "chunked"}},
                                    {{"TE", "x"}},
                                    {{"x-profile-batch-id", "0"}}}) {
    EXPECT_FALSE(GrpcRequestHeaders(bad).ok()) << bad[0].first;
    EXPECT_FALSE(HttpRequestHeaders(bad).ok()) << bad[0].first;
  }
  EXPECT_FALSE(GrpcRequestHeaders({{"grpc-timeout", "1S"}}).ok());
  EXPECT_TRUE(HttpRequestHeaders({{"Host", "other"}, {"User-Agent", "mine"}}).ok());
}

TEST(RequestHeadersTest, ARefusedValueIsNotShown) {
  const auto headers = HttpRequestHeaders({{"authorization", "secret\n"}});
  EXPECT_EQ(headers.status().ToString().find("secret"), std::string::npos);
}

TEST(FailedDeliveryTest, TextsAreBoundedAndFreeOfControlBytes) {
  EXPECT_EQ(ShownText("a\r\nb\x1b[0m"), "a  b [0m");
  EXPECT_EQ(ShownText(std::string(5000, 'x')).size(), 1024U);
  const std::string cut = ShownText(std::string(1023, 'x') + "\xC3\xA9");
  EXPECT_EQ(cut, std::string(1023, 'x'));
}

TEST(FailedDeliveryTest, OversizeFramesAreRefusedUnlessThereIsNoLimit) {
  Frame frame;
  frame.uncompressed_bytes = 11;
  EXPECT_EQ(RefuseOversize(frame, {.max_request_bytes = 10})->outcome, Outcome::kPermanent);
  EXPECT_FALSE(RefuseOversize(frame, {.max_request_bytes = 11}).has_value());
  EXPECT_FALSE(RefuseOversize(frame, {.max_request_bytes = 0}).has_value());
}

}  // namespace
}  // namespace flameway
