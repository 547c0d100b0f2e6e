// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "bridge/observe/mutex.h"

namespace flameway {

// An HTTP/1.1 server on 127.0.0.1 that answers each request with the bytes a test gives. One
// thread, one connection at a time; keeps a connection until the peer ends it or the answer is
// empty.
class ScriptedHttpServer {
 public:
  struct Request {
    std::string head;  // request line and headers, with CRLF
    std::string body;
    // The value of a header by its name in lower case; empty if absent.
    [[nodiscard]] std::string Header(const std::string& name) const;
  };
  // The answer as it goes over the wire; empty closes the connection.
  using Script = std::function<std::string(const Request&)>;

  // `tls` null: clear text.
  explicit ScriptedHttpServer(Script script, std::shared_ptr<SSL_CTX> tls = nullptr);
  ~ScriptedHttpServer();

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] std::vector<Request> requests();

  // Status line, Content-Length, `headers` (each with CRLF) and body.
  static std::string Answer(int status, const std::string& headers, const std::string& body);

 private:
  void Run();
  void Serve(int fd);

  const Script script_;
  const std::shared_ptr<SSL_CTX> tls_;
  int listener_ = -1;
  int stop_ = -1;  // eventfd
  int port_ = 0;
  std::atomic<int> connections_{0};
  Mutex mutex_;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace flameway
