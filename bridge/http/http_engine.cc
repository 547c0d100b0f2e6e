// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/http_engine.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bridge/http/http_connection.h"
#include "bridge/http/listen_address.h"

namespace flameway {
namespace net = boost::asio;
using net::ip::tcp;

namespace {

constexpr auto kAwaitTuple = net::as_tuple(net::use_awaitable);
// After a failed accept, mostly for want of file descriptors: until some connection has closed.
constexpr std::chrono::milliseconds kAcceptPause{100};

// In the order to try them. A name such as localhost prefers IPv4, as Go's listeners do.
absl::StatusOr<std::vector<tcp::endpoint>> Resolve(net::io_context& context,
                                                   const std::string& endpoint) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(endpoint);
  if (!address.ok()) return address.status();
  const auto port = static_cast<uint16_t>(std::stoi(address->port));
  if (address->host.empty()) {
    return std::vector<tcp::endpoint>{{tcp::v6(), port}, {tcp::v4(), port}};
  }
  boost::system::error_code error;
  tcp::resolver resolver(context);
  const auto results =
      resolver.resolve(address->host, address->port, tcp::resolver::numeric_service, error);
  if (error) {
    return absl::InvalidArgumentError("endpoint \"" + endpoint + "\": " + error.message());
  }
  std::vector<tcp::endpoint> v4, v6;
  for (const auto& result : results) {
    (result.endpoint().address().is_v4() ? v4 : v6).push_back(result.endpoint());
  }
  v4.insert(v4.end(), v6.begin(), v6.end());
  return v4;
}

boost::system::error_code Bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(net::ip::v6_only(!endpoint.address().is_unspecified()), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

}  // namespace

HttpEngine::HttpEngine(HttpServerOptions options, HttpHooks hooks, std::unique_ptr<TlsReloader> tls)
    : options_(std::move(options)),
      hooks_(std::move(hooks)),
      tls_(std::move(tls)),
      context_(options_.threads),
      work_(context_.get_executor()),
      accept_strand_(net::make_strand(context_)),
      acceptor_(accept_strand_) {}

absl::Status HttpEngine::Listen() {
  const auto endpoints = Resolve(context_, options_.endpoint);
  if (!endpoints.ok()) return endpoints.status();
  boost::system::error_code error = net::error::host_not_found;
  for (const tcp::endpoint& endpoint : *endpoints) {
    error = Bind(acceptor_, endpoint);
    if (!error) break;
  }
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) {
    return absl::UnavailableError("cannot listen on " + options_.endpoint + ": " + error.message());
  }
  return absl::OkStatus();
}

void HttpEngine::StartAccepting() {
  net::co_spawn(
      accept_strand_, [self = shared_from_this()] { return self->Accept(); }, net::detached);
}

net::awaitable<void> HttpEngine::Accept() {
  net::steady_timer pause(accept_strand_);
  while (!draining()) {
    auto [error, socket] = co_await acceptor_.async_accept(
        net::any_io_executor(net::make_strand(context_)), kAwaitTuple);
    if (draining()) break;
    if (!error) {
      Admit(std::move(socket));
    } else if (error != net::error::connection_aborted) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kAwaitTuple);
    }
  }
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

void HttpEngine::Admit(tcp::socket socket) {
  const uint64_t id = next_connection_++;
  std::shared_ptr<HttpConnection> connection =
      tls_ == nullptr
          ? HttpConnection::CreateClear(shared_from_this(), std::move(socket), id)
          : HttpConnection::CreateTls(shared_from_this(), std::move(socket), id,
                                      tls_->Current(std::chrono::steady_clock::now()).get());
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    if (connections_.size() >= static_cast<size_t>(options_.max_connections)) {
      refused_.fetch_add(1);
      return;  // the connection's destructor closes its socket
    }
    connections_.emplace(id, connection);
  }
  connection->Start();
}

void HttpEngine::Drain() {
  draining_.store(true, std::memory_order_release);
  Post(accept_strand_, [self = shared_from_this()] {
    boost::system::error_code ignored;
    self->acceptor_.close(ignored);
  });
  std::vector<std::shared_ptr<HttpConnection>> open;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, watched] : connections_) {
      if (auto connection = watched.lock()) open.push_back(std::move(connection));
    }
  }
  for (const auto& connection : open) connection->CloseIfIdle();
}

bool HttpEngine::WaitUntilEmpty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return empty_.wait_until(lock, deadline, [this] { return connections_.empty(); });
}

void HttpEngine::End() {
  std::vector<std::shared_ptr<HttpConnection>> open;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, watched] : connections_) {
      if (auto connection = watched.lock()) open.push_back(std::move(connection));
    }
  }
  for (const auto& connection : open) connection->Close();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  work_.reset();
}

void HttpEngine::Forget(uint64_t connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
  if (connections_.empty()) empty_.notify_all();
}

}  // namespace flameway
