// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "bridge/receive/ack.h"
#include "bridge/receive/status_details.h"

namespace flameway {

[[nodiscard]] AnswerCodes CodesOf(Answer::Kind kind);
// The same, unless the answer states codes of its own.
[[nodiscard]] inline AnswerCodes CodesOf(const Answer& answer) {
  return answer.codes.value_or(CodesOf(answer.kind));
}

// An ExportProfilesServiceResponse: no bytes on full success, because partial_success must then be
// absent; else
//   1 partial_success { 1 rejected_profiles int64, 2 error_message string }
[[nodiscard]] std::string EncodeExportResponse(const Answer& answer);

// The error an answer other than kAccepted stands for: code, message of at most 1 KiB, at most ten
// violations, a retry delay exactly when the request may be sent again.
[[nodiscard]] StatusDetails ErrorOf(const Answer& answer);

// HTTP's Retry-After: whole seconds, rounded up, at least 1.
[[nodiscard]] std::string RetryAfterSeconds(std::chrono::milliseconds delay);

}  // namespace flameway
