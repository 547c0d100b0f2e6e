// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "bridge/http/http_server.h"
#include "bridge/http/http_server_options.h"
#include "bridge/tls/tls_reloader.h"

namespace flameway {

class HttpConnection;

// What a server shares with its connections and responders: the event loop, the options, the hooks
// and the list of open connections. Shared ownership, because a responder may be completed after
// the server has gone; a connection keeps its engine, the engine only watches its connections.
class HttpEngine : public std::enable_shared_from_this<HttpEngine> {
 public:
  HttpEngine(HttpServerOptions options, HttpHooks hooks, std::unique_ptr<TlsReloader> tls);

  [[nodiscard]] absl::Status Listen();
  [[nodiscard]] uint16_t port() const { return port_; }
  void StartAccepting();
  // One of the server's threads: returns after End, when the last operation has finished.
  void Run() { context_.run(); }

  // No new connections; idle ones close, busy ones after their answer.
  void Drain();
  // True when no connection is left.
  bool WaitUntilEmpty(std::chrono::steady_clock::time_point deadline);
  // Closes every connection; from here on Post drops.
  void End();

  [[nodiscard]] bool draining() const { return draining_.load(std::memory_order_acquire); }
  [[nodiscard]] const HttpServerOptions& options() const { return options_; }
  [[nodiscard]] const HttpHooks& hooks() const { return hooks_; }
  [[nodiscard]] uint64_t refused_connections() const { return refused_.load(); }

  // Runs `work` on a connection's strand, from any thread. Drops it after End: nobody would run it,
  // and its references would keep connection and engine alive for ever.
  template <typename Work>
  void Post(const boost::asio::any_io_executor& strand, Work work) {
    const std::lock_guard lock(mutex_);
    if (!ended_) boost::asio::post(strand, std::move(work));
  }

  // Called by a connection when its socket is closed.
  void Forget(uint64_t connection);

 private:
  boost::asio::awaitable<void> Accept();
  void Admit(boost::asio::ip::tcp::socket socket);

  const HttpServerOptions options_;
  const HttpHooks hooks_;
  const std::unique_ptr<TlsReloader> tls_;  // null: clear text

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  // Touched by the accepting coroutine's strand only, once accepting.
  boost::asio::strand<boost::asio::io_context::executor_type> accept_strand_;
  boost::asio::ip::tcp::acceptor acceptor_;
  uint64_t next_connection_ = 1;
  uint16_t port_ = 0;

  std::atomic<bool> draining_{false};
  std::atomic<uint64_t> refused_{0};

  // Guarded by mutex_. std::mutex, not absl's: ThreadSanitizer sees through it.
  std::mutex mutex_;
  std::condition_variable empty_;
  std::unordered_map<uint64_t, std::weak_ptr<HttpConnection>> connections_;
  bool ended_ = false;
};

}  // namespace flameway
