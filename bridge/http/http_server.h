// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "bridge/http/http_message.h"
#include "bridge/http/http_responder.h"
#include "bridge/http/http_server_options.h"

namespace flameway {

class HttpEngine;

// What to do with a request of which only the header is known.
struct HttpVerdict {
  std::optional<HttpResponse> refusal;  // set: answered at once, its body never read
  size_t max_body_bytes = 0;            // else; a larger body is answered 413
  // Asked with the size of the body so far as it arrives; false: answered 503, the rest is not
  // read. Destroyed when the body is complete, before `handle` is called. Null: never asked.
  absl::AnyInvocable<bool(size_t body_bytes)> admits_body = nullptr;
};

// What a server asks of its owner. All are called from the server's threads, for different
// connections at the same time, and must not block. Only `handle` is required.
struct HttpHooks {
  std::function<void(HttpRequest, HttpResponder)> handle;
  // Called with an empty body. Without it every request may send max_body_bytes.
  std::function<HttpVerdict(const HttpRequest&)> gate;
  // The body of an answer the server itself must give (400, 408, 413, 417, 431, 501, 503, 505).
  // `head` lacks what could not be parsed. The status must be kept. Without it: text/plain.
  std::function<HttpResponse(unsigned status, std::string_view reason, const HttpRequest& head)>
      fault;
};

// A small HTTP/1.1 server, clear or TLS: keep-alive, chunked bodies, Expect: 100-continue. The
// requests of a connection are read and answered one at a time, so pipelined ones are answered in
// order and a connection holds at most one body. A request whose framing two parsers could read
// differently is answered 400 and the connection closed.
//
// Create binds, Start lets connections in, Stop ends it; the owner calls each once. Not done here:
// compression, routing, HTTP/2.
class HttpServer {
 public:
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<HttpServer>> Create(HttpServerOptions options,
                                                                          HttpHooks hooks);
  // Stops at once if Stop was not called.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void Start();
  [[nodiscard]] uint16_t bound_port() const;

  // Accepts no more, closes idle connections, answers requests that begin now with 503, the others
  // with `Connection: close`. Returns when all have been answered; at the deadline it closes what
  // is left. Must not be called from a hook. Responders may outlive the server.
  void Stop(std::chrono::steady_clock::time_point deadline);

  // Connections closed on accept because max_connections were open. Any thread.
  [[nodiscard]] uint64_t refused_connections() const;

 private:
  explicit HttpServer(std::shared_ptr<HttpEngine> engine);

  // Shared with connections and responders, which may outlive the server.
  const std::shared_ptr<HttpEngine> engine_;
  std::vector<std::thread> threads_;
};

}  // namespace flameway
