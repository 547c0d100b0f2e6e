// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nghttp2/nghttp2.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "bridge/observe/mutex.h"

namespace flameway {

// An HTTP/2 server on 127.0.0.1 in clear text that does what a test says, well-behaved or not. One
// thread, one connection at a time.
class ScriptedH2Server {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  struct Request {
    int32_t stream = 0;
    std::map<std::string, std::string> headers;
    std::string body;
  };
  // What a script may do with a request; called on the server's thread.
  class Connection {
   public:
    // Headers, a body if there is one, trailers if there are any.
    void Answer(int32_t stream, const Headers& headers, std::string body, const Headers& trailers);
    void Reset(int32_t stream, uint32_t code);
    void Goaway(int32_t last_stream, uint32_t code, const std::string& text);
    void WriteRaw(const std::string& bytes);
    // After what was submitted has been sent.
    void Close() { closing_ = true; }

   private:
    friend class ScriptedH2Server;
    struct Stream {
      Request request;
      std::string body;
      size_t sent = 0;
      Headers trailers;
    };
    void Serve();
    bool Flush();

    ScriptedH2Server* server_ = nullptr;
    int fd_ = -1;
    nghttp2_session* session_ = nullptr;
    std::map<int32_t, Stream> streams_;
    bool closing_ = false;
  };
  using Script = std::function<void(Connection&, const Request&)>;
  // Called for each new connection before a byte is read.
  using Greeting = std::function<void(Connection&)>;

  // When the script is called: at the end of the request, or when its headers are there.
  enum class Moment : uint8_t { kEnd, kHeaders };

  struct Options {
    uint32_t window = 65'535;  // for the body of a request
    Greeting greeting;
    Moment moment = Moment::kEnd;
  };

  explicit ScriptedH2Server(Script script) : ScriptedH2Server(std::move(script), Options{}) {}
  ScriptedH2Server(Script script, Options options);
  ~ScriptedH2Server();

  [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int pings() const { return pings_; }
  [[nodiscard]] std::vector<Request> requests();
  // Blocks until the connection served last has ended.
  void AwaitClosedConnections(int count);

  // A successful unary answer with an empty message.
  static void AnswerOk(Connection& connection, const Request& request);

 private:
  void Run();

  const Script script_;
  const Options options_;
  int listener_ = -1;
  int stop_ = -1;  // eventfd
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> pings_{0};
  Mutex mutex_;
  CondVar closed_changed_;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  int closed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace flameway
