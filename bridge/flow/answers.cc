// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/answers.h"

#include <string_view>
#include <utility>

#include "processor/model/reason.h"

namespace flameway {
namespace {

std::string Describe(Reason reason) {
  std::string text(ReasonWord(reason));
  text += ": ";
  text += ReasonAdvice(reason);
  return text;
}

}  // namespace

Answer AnswerTo(const DecodeReport& report) {
  Answer answer;
  answer.message = report.Message();
  switch (report.outcome) {
    case DecodeReport::Outcome::kAccepted:
      answer.kind = Answer::Kind::kAccepted;
      answer.rejected_profiles = static_cast<int64_t>(report.profiles_rejected);
      break;
    case DecodeReport::Outcome::kTooLarge:
      answer.kind = Answer::Kind::kTooLarge;
      break;
    case DecodeReport::Outcome::kInvalid:
      answer.kind = Answer::Kind::kInvalid;
      for (const RejectedProfile& profile : report.examples) {
        answer.violations.push_back({profile.FieldPath(), Describe(profile.reason)});
      }
      if (report.examples.empty() && report.reason != Reason::kNone) {
        answer.violations.push_back(
            {"", "byte " + std::to_string(report.offset) + ": " + Describe(report.reason)});
      }
      break;
  }
  return answer;
}

std::string ConversionNotice(Dialect dialect) {
  std::string text = "schema_";
  for (const char c : DialectName(dialect)) text += c == '.' ? '_' : c;
  text += ": nothing was refused; OTLP ";
  text += DialectName(dialect);
  return text + " was converted to 1.10; upgrade the sender";
}

Answer AnswerTo(DecompressError error) {
  Answer answer;
  answer.kind =
      error == DecompressError::kDamaged ? Answer::Kind::kInvalid : Answer::Kind::kTooLarge;
  switch (error) {
    case DecompressError::kNone:
      break;
    case DecompressError::kDamaged:
      answer.message = "the body is not what its compression says: it is damaged or cut off";
      break;
    case DecompressError::kTooLarge:
      answer.message = "the body is too large after decompression; send smaller requests";
      break;
    case DecompressError::kRatioTooHigh:
      answer.message = "the body decompresses by too high a ratio; send smaller requests";
      break;
  }
  return answer;
}

Answer AnswerTooLarge() {
  return {.kind = Answer::Kind::kTooLarge,
          .message = "the request alone is larger than the memory budget; send smaller requests"};
}

Answer AnswerBusy(std::string message, std::chrono::milliseconds retry_after) {
  return {.kind = Answer::Kind::kUnavailable,
          .message = std::move(message),
          .retry_after = retry_after};
}

}  // namespace flameway
