// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/cli/exit_code.h"
#include "bridge/export/exporter.h"

namespace flameway {

// What one answer makes of the exit code of a command that sends; the worst of all answers counts.
// The peer's own codes are upper case words or HTTP numbers; ours, for what never reached it, are
// lower case.
[[nodiscard]] inline ExitCode DeliveryExitCode(const Delivery& delivery) {
  const bool is_peers_word =
      !delivery.code.empty() && (delivery.code.front() < 'a' || delivery.code.front() > 'z');
  switch (delivery.outcome) {
    case Delivery::Outcome::kDelivered:
      return delivery.rejected_profiles > 0 ? ExitCode::kNo : ExitCode::kSuccess;
    case Delivery::Outcome::kPermanent:
      // Retryable, had the peer given a delay.
      return delivery.code == "RESOURCE_EXHAUSTED" ? ExitCode::kTemporary : ExitCode::kNo;
    case Delivery::Outcome::kRetry:
      return is_peers_word ? ExitCode::kTemporary : ExitCode::kUnavailable;
  }
  return ExitCode::kInternal;
}

}  // namespace flameway
