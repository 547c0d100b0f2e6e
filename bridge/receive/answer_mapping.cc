// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/answer_mapping.h"

#include <algorithm>

namespace flameway {
namespace {

constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxViolations = 10;

// Cut between characters: a protobuf string must stay UTF-8.
std::string Shortened(const std::string& message) {
  if (message.size() <= kMaxMessageBytes) return message;
  size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return message.substr(0, end);
}

}  // namespace

AnswerCodes CodesOf(Answer::Kind kind) {
  switch (kind) {
    case Answer::Kind::kAccepted:
      return {.grpc = 0, .http = 200};
    case Answer::Kind::kInvalid:
      return {.grpc = 3, .http = 400};
    case Answer::Kind::kTooLarge:
      return {.grpc = 8, .http = 413};
    case Answer::Kind::kUnavailable:
      break;
  }
  return {.grpc = 14, .http = 503};
}

std::string EncodeExportResponse(const Answer& answer) {
  std::string partial_success;
  if (answer.rejected_profiles != 0) {
    AppendVarintField(1, static_cast<uint64_t>(answer.rejected_profiles), &partial_success);
  }
  if (!answer.message.empty()) AppendBytesField(2, Shortened(answer.message), &partial_success);
  std::string response;
  if (!partial_success.empty()) AppendBytesField(1, partial_success, &response);
  return response;
}

StatusDetails ErrorOf(const Answer& answer) {
  StatusDetails error{.code = CodesOf(answer).grpc, .message = Shortened(answer.message)};
  if (answer.kind == Answer::Kind::kUnavailable) error.retry_delay = answer.retry_after;
  if (answer.kind == Answer::Kind::kInvalid) {
    const size_t count = std::min(answer.violations.size(), kMaxViolations);
    error.violations.assign(answer.violations.begin(),
                            answer.violations.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return error;
}

std::string RetryAfterSeconds(std::chrono::milliseconds delay) {
  return std::to_string(
      std::max<int64_t>(1, std::chrono::ceil<std::chrono::seconds>(delay).count()));
}

}  // namespace flameway
