// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "bridge/http/http_message.h"

namespace flameway {

// The duty to answer one HTTP request. Completed once, from any thread, also after the connection
// or the server is gone: then the answer is dropped. Destroyed unfinished, the peer reads 503.
class HttpResponder {
 public:
  // nullopt: destroyed unfinished.
  using Reply = absl::AnyInvocable<void(std::optional<HttpResponse>) &&>;

  HttpResponder() = default;
  explicit HttpResponder(Reply reply) : reply_(std::move(reply)) {}
  HttpResponder(HttpResponder&& other) noexcept : reply_(std::exchange(other.reply_, nullptr)) {}
  HttpResponder& operator=(HttpResponder&& other) noexcept {
    if (this != &other) {
      Abandon();
      reply_ = std::exchange(other.reply_, nullptr);
    }
    return *this;
  }
  ~HttpResponder() { Abandon(); }

  void Complete(HttpResponse response) {
    if (reply_) std::exchange(reply_, nullptr)(std::move(response));
  }

 private:
  void Abandon() {
    if (reply_) std::exchange(reply_, nullptr)(std::nullopt);
  }

  Reply reply_;
};

}  // namespace flameway
