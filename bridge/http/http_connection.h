// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>

namespace flameway {

class HttpEngine;

// One accepted connection, from the TLS handshake to the closed socket. A coroutine on the
// connection's strand does all the work; no lock, because nothing else touches its state.
// Shared ownership: the coroutine, and the responder of the request being answered.
class HttpConnection {
 public:
  // The socket's executor must be a strand.
  static std::shared_ptr<HttpConnection> CreateClear(std::shared_ptr<HttpEngine> engine,
                                                     boost::asio::ip::tcp::socket socket,
                                                     uint64_t id);
  // `context` is borrowed for the call.
  static std::shared_ptr<HttpConnection> CreateTls(std::shared_ptr<HttpEngine> engine,
                                                   boost::asio::ip::tcp::socket socket, uint64_t id,
                                                   SSL_CTX* context);
  virtual ~HttpConnection() = default;

  // Once, from any thread.
  virtual void Start() = 0;
  // Closes if no request has begun. Any thread; happens later, on the strand.
  virtual void CloseIfIdle() = 0;
  // Closes whatever goes on. Any thread; happens later, on the strand.
  virtual void Close() = 0;
};

}  // namespace flameway
