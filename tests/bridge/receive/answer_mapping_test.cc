// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/answer_mapping.h"

#include <gtest/gtest.h>

#include "opentelemetry/proto/collector/profiles/v1development/profiles_service.pb.h"

namespace flameway {
namespace {

using opentelemetry::proto::collector::profiles::v1development::ExportProfilesServiceResponse;
using std::chrono::milliseconds;

ExportProfilesServiceResponse Response(const Answer& answer) {
  ExportProfilesServiceResponse response;
  EXPECT_TRUE(response.ParseFromString(EncodeExportResponse(answer)));
  return response;
}

TEST(AnswerMappingTest, EachKindHasItsCodes) {
  const auto codes = [](Answer::Kind kind) {
    return std::pair<int, unsigned>(CodesOf(kind).grpc, CodesOf(kind).http);
  };
  EXPECT_EQ(codes(Answer::Kind::kAccepted), std::pair(0, 200U));
  EXPECT_EQ(codes(Answer::Kind::kInvalid), std::pair(3, 400U));
  EXPECT_EQ(codes(Answer::Kind::kTooLarge), std::pair(8, 413U));
  EXPECT_EQ(codes(Answer::Kind::kUnavailable), std::pair(14, 503U));
}

TEST(AnswerMappingTest, FullSuccessIsNoBytes) { EXPECT_EQ(EncodeExportResponse({}), ""); }

TEST(AnswerMappingTest, PartialSuccessReadsBack) {
  const auto response = Response({.rejected_profiles = int64_t{1} << 40, .message = "why"});
  EXPECT_EQ(response.partial_success().rejected_profiles(), int64_t{1} << 40);
  EXPECT_EQ(response.partial_success().error_message(), "why");
}

TEST(AnswerMappingTest, AWarningIsAPartialSuccessThatRejectsNothing) {
  const auto response = Response({.message = "old schema"});
  EXPECT_TRUE(response.has_partial_success());
  EXPECT_EQ(response.partial_success().rejected_profiles(), 0);
  EXPECT_EQ(response.partial_success().error_message(), "old schema");
}

TEST(AnswerMappingTest, LongMessagesAreCutBetweenCharacters) {
  std::string message = std::string(1023, 'a');
  message += "\xC3\xA9 and more";  // e with acute, bytes 1023 and 1024
  EXPECT_EQ(
      Response({.rejected_profiles = 7, .message = message}).partial_success().error_message(),
      std::string(1023, 'a'));
  EXPECT_EQ(ErrorOf({.kind = Answer::Kind::kInvalid, .message = message}).message,
            std::string(1023, 'a'));
}

TEST(AnswerMappingTest, OnlyWhatMayBeSentAgainHasARetryDelay) {
  const auto delay = [](Answer::Kind kind) {
    return ErrorOf({.kind = kind, .retry_after = milliseconds(7)}).retry_delay;
  };
  EXPECT_EQ(delay(Answer::Kind::kUnavailable), milliseconds(7));
  EXPECT_EQ(delay(Answer::Kind::kTooLarge), std::nullopt);
  EXPECT_EQ(delay(Answer::Kind::kInvalid), std::nullopt);
}

TEST(AnswerMappingTest, AtMostTenViolationsAreNamed) {
  const Answer answer{.kind = Answer::Kind::kInvalid,
                      .violations = std::vector<Answer::Violation>(25, {"f", "d"})};
  EXPECT_EQ(ErrorOf(answer).violations.size(), 10U);
}

TEST(AnswerMappingTest, RetryAfterIsWholeSecondsRoundedUp) {
  EXPECT_EQ(RetryAfterSeconds(milliseconds(0)), "1");
  EXPECT_EQ(RetryAfterSeconds(milliseconds(1000)), "1");
  EXPECT_EQ(RetryAfterSeconds(milliseconds(1001)), "2");
  EXPECT_EQ(RetryAfterSeconds(milliseconds(30'000)), "30");
}

}  // namespace
}  // namespace flameway
