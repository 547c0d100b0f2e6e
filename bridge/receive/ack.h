// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace flameway {

// What an answer is on each transport.
struct AnswerCodes {
  int32_t grpc = 0;
  unsigned http = 200;
};

// What became of one request, in terms both transports can say (the table "Answers" of
// docs/conformance.md). Only the last is to be retried; over HTTP it carries Retry-After.
struct Answer {
  enum class Kind : uint8_t {
    kAccepted,     // all of it, or all but rejected_profiles   gRPC 0   HTTP 200
    kInvalid,      // undecodable, or every profile refused     gRPC 3   HTTP 400 + BadRequest
    kTooLarge,     // a limit of bytes, elements or ratio       gRPC 8   HTTP 413
    kUnavailable,  // overload, shutdown, internal fault        gRPC 14  HTTP 503 + RetryInfo
  };
  struct Violation {
    std::string field;        // path, e.g. "resource_profiles[0].scope_profiles[0].profiles[2]"
    std::string description;  // reason word and what to do
  };

  Kind kind = Kind::kAccepted;
  int64_t rejected_profiles = 0;  // kAccepted only: profiles refused while others were taken
  std::string message;  // English, at most 1 KiB; with kAccepted and nothing rejected: a warning
  std::vector<Violation> violations;            // kInvalid only, at most 10
  std::chrono::milliseconds retry_after{1000};  // kUnavailable only
  // In place of the codes of a kind other than kAccepted: a stand-in for a broken destination
  // answers what that would.
  std::optional<AnswerCodes> codes = std::nullopt;
};

// The duty to answer one request. Moves with the data and is completed exactly once, from any
// thread; destroyed unfinished it answers kUnavailable, so a request that gets lost inside is
// retried by its sender.
class Ack {
 public:
  using Reply = absl::AnyInvocable<void(const Answer&) &&>;

  Ack() = default;
  explicit Ack(Reply reply) : reply_(std::move(reply)) {}
  Ack(Ack&& other) noexcept : reply_(std::exchange(other.reply_, nullptr)) {}
  Ack& operator=(Ack&& other) noexcept {
    if (this != &other) {
      Abandon();
      reply_ = std::exchange(other.reply_, nullptr);
    }
    return *this;
  }
  ~Ack() { Abandon(); }

  void Complete(const Answer& answer) {
    if (reply_) std::exchange(reply_, nullptr)(answer);
  }

 private:
  void Abandon() {
    if (reply_) Complete({.kind = Answer::Kind::kUnavailable, .message = "request dropped; retry"});
  }

  Reply reply_;
};

}  // namespace flameway
