// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace flameway {

struct HttpReply {
  int status = 0;  // 0: the server closed, or sent nothing for ten seconds
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// A client that sends exactly the bytes it is told, over a blocking socket to 127.0.0.1. A server
// that does not answer fails the test after ten seconds instead of hanging it.
class HttpPeer {
 public:
  explicit HttpPeer(uint16_t port);
  // Handshakes too; secure() tells whether it went through.
  HttpPeer(uint16_t port, SSL_CTX* context);
  ~HttpPeer();
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;

  // False when the server has closed.
  bool Send(std::string_view bytes);
  // 1xx answers are replies of their own. `head` reads the answer to HEAD, which has no body.
  enum class Expecting : uint8_t { kBody, kNoBody };
  HttpReply ReadReply(Expecting expecting = Expecting::kBody);
  // True when the server closed the connection and nothing was left to read.
  bool AtEnd();
  // No more will be sent; answers can still be read.
  void FinishSending();
  [[nodiscard]] bool secure() const { return secure_; }

 private:
  bool Fill();
  struct FreeSsl {
    void operator()(SSL* ssl) const;
  };

  int socket_ = -1;
  bool secure_ = false;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string unread_;
};

// "POST target HTTP/1.1" with Host, Content-Length and the given lines, each ended by CRLF.
[[nodiscard]] std::string PostText(std::string_view target, std::string_view lines,
                                   std::string_view body);

}  // namespace flameway
