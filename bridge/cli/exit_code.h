// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace flameway {

// What the process says by its exit code; scripts depend on these. 64 and up follow sysexits.
enum class ExitCode : int {
  kSuccess = 0,        // also a clean stop on a signal
  kNo = 1,             // the answer is "no": not conformant, refused by the peer
  kUsage = 2,          // wrong command line
  kUndecodable = 65,   // an input's content
  kNoInput = 66,       // an input is missing or unreadable
  kUnavailable = 69,   // endpoint or port
  kInternal = 70,      // a bug of ours
  kCannotCreate = 73,  // output
  kIoError = 74,
  kTemporary = 75,  // the peer is overloaded; try later
  kBadConfig = 78,  // configuration
  kInterrupted = 130,
};

// The exit code of a failure to read or write files.
[[nodiscard]] inline ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kSuccess;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kNoInput;
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kUndecodable;
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kCannotCreate;
    case absl::StatusCode::kInternal:
      return ExitCode::kInternal;
    default:
      return ExitCode::kIoError;
  }
}

}  // namespace flameway
