// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/http_connection.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional.hpp>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "bridge/http/http_engine.h"
#include "bridge/http/request_framing.h"
#include "bridge/http/response_text.h"

namespace flameway {
namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

namespace {

constexpr auto kAwaitTuple = net::as_tuple(net::use_awaitable);
using TlsStream = net::ssl::stream<tcp::socket>;
using Parser = http::request_parser<http::string_body>;

// Bytes read ahead of the parser, pipelined requests among them.
constexpr size_t kReadAhead = size_t{64} << 10;

// What to do with the connection after an answer.
enum class Next : uint8_t {
  kRequest,  // read another request
  kLinger,   // say goodbye, let the peer finish sending
  kClose,    // the peer is gone, or too late
};

template <typename Stream>
class StreamConnection final : public HttpConnection,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
 public:
  template <typename... StreamArgs>
  StreamConnection(std::shared_ptr<HttpEngine> engine, uint64_t id, tcp::socket socket,
                   StreamArgs... stream_args)
      : engine_(std::move(engine)),
        id_(id),
        strand_(socket.get_executor()),
        stream_(std::move(socket), stream_args...),
        timer_(strand_),
        answered_(strand_),
        buffer_(engine_->options().max_header_bytes + kReadAhead) {}

  void Start() override {
    net::co_spawn(
        strand_, [self = this->shared_from_this()] { return self->Live(); }, net::detached);
  }
  void CloseIfIdle() override {
    engine_->Post(strand_, [self = this->shared_from_this()] {
      if (self->idle_) self->CloseSocket();
    });
  }
  void Close() override {
    engine_->Post(strand_, [self = this->shared_from_this()] { self->CloseSocket(); });
  }

 private:
  tcp::socket& Socket() {
    if constexpr (std::is_same_v<Stream, tcp::socket>) {
      return stream_;
    } else {
      return stream_.next_layer();
    }
  }

  void CloseSocket() {
    closed_ = true;
    error_code ignored;
    Socket().close(ignored);
    timer_.cancel();
    answered_.cancel();
  }

  // Cancels the operation then under way once `timeout` has passed; timed_out_ tells. The socket
  // stays open, so that the peer can be told.
  void Arm(std::chrono::milliseconds timeout) {
    timed_out_ = false;
    timer_.expires_after(timeout);
    timer_.async_wait([self = this->shared_from_this(), turn = ++turn_](error_code error) {
      // A timer that fired just before it was armed again must not cancel the next operation.
      if (error || turn != self->turn_) return;
      self->timed_out_ = true;
      error_code ignored;
      self->Socket().cancel(ignored);
    });
  }
  void Disarm() {
    ++turn_;
    timer_.cancel();
  }

  net::awaitable<void> Live() {
    const HttpServerOptions& options = engine_->options();
    error_code ignored;
    Socket().set_option(tcp::no_delay(true), ignored);
    Arm(options.header_timeout);
    Next next = engine_->draining() || closed_ ? Next::kClose : Next::kRequest;
    if constexpr (!std::is_same_v<Stream, tcp::socket>) {
      if (next == Next::kRequest) {
        auto [error] = co_await stream_.async_handshake(net::ssl::stream_base::server, kAwaitTuple);
        if (error) next = Next::kClose;
      }
    }
    while (next == Next::kRequest) {
      next = co_await WaitForRequest();
      if (next == Next::kRequest) next = co_await ServeRequest();
      if (next == Next::kRequest) Arm(options.idle_timeout);
    }
    if (next == Next::kLinger) co_await Linger();
    Disarm();
    CloseSocket();
    engine_->Forget(id_);
  }

  // Under the timer already armed: the first request has the header timeout, later ones idle time.
  net::awaitable<Next> WaitForRequest() {
    if (buffer_.size() > 0) co_return Next::kRequest;
    if (engine_->draining() || closed_) co_return Next::kClose;
    idle_ = true;
    auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(4096), kAwaitTuple);
    idle_ = false;
    if (error) co_return Next::kClose;
    buffer_.commit(bytes);
    co_return Next::kRequest;
  }

  net::awaitable<Next> ServeRequest() {
    const HttpServerOptions& options = engine_->options();
    Arm(options.header_timeout);
    Parser parser;
    parser.header_limit(static_cast<uint32_t>(options.max_header_bytes));
    parser.body_limit(boost::none);  // known only when the gate has seen the header
    HttpRequest request;
    request.connection = id_;
    {
      auto [error, bytes] = co_await http::async_read_header(stream_, buffer_, parser, kAwaitTuple);
      if (error) co_return co_await Refuse(error, request);
    }
    const bool head_only = parser.get().method() == http::verb::head;
    TakeHead(parser.get(), &request);
    if (const auto fault = FindFramingFault(parser.get())) {
      co_return co_await Refuse(*fault, request);
    }
    if (engine_->draining()) co_return co_await Refuse({503, "shutting down; retry"}, request);

    Persistence persistence = Persistence::kClose;
    if (parser.get().keep_alive()) {
      persistence =
          parser.get().version() == 10 ? Persistence::kKeepAliveHttp10 : Persistence::kKeepAlive;
    }
    const BodyOnWire body_on_wire = head_only ? BodyOnWire::kOmitted : BodyOnWire::kSent;

    HttpVerdict verdict = engine_->hooks().gate(request);
    if (verdict.refusal) {
      // A body is coming, and reading it only to keep the connection would be work for nothing.
      if (!parser.is_done()) persistence = Persistence::kClose;
      co_return co_await Answer(*verdict.refusal, persistence, body_on_wire);
    }
    if (parser.content_length().value_or(0) > verdict.max_body_bytes) {
      co_return co_await Refuse({413, "the body is too large"}, request);
    }
    parser.body_limit(verdict.max_body_bytes);
    if (!parser.is_done()) {
      Arm(options.body_timeout);
      // A client of HTTP/1.0 does not know what 100 means.
      if (parser.get().version() >= 11 && parser.get().count(http::field::expect) != 0 &&
          buffer_.size() == 0) {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        auto [error, bytes] = co_await net::async_write(
            stream_, net::buffer(kContinue.data(), kContinue.size()), kAwaitTuple);
        if (error) co_return Next::kClose;
      }
      parser.eager(true);
      while (!parser.is_done()) {
        auto [error, bytes] = co_await http::async_read_some(stream_, buffer_, parser, kAwaitTuple);
        if (error) co_return co_await Refuse(error, request);
        if (verdict.admits_body && !verdict.admits_body(parser.get().body().size())) {
          co_return co_await Refuse({503, "out of memory budget; retry later"}, request);
        }
      }
      verdict.admits_body = nullptr;
    }
    Disarm();
    request.body = std::move(parser.get().body());
    co_return co_await Handle(std::move(request), persistence, body_on_wire);
  }

  // Hands the request over and waits for the answer, however long its maker takes.
  net::awaitable<Next> Handle(HttpRequest request, Persistence persistence,
                              BodyOnWire body_on_wire) {
    HttpRequest head = HeadOf(request);  // the fault hook may want it
    answer_arrived_ = false;
    answered_.expires_at(std::chrono::steady_clock::time_point::max());
    engine_->hooks().handle(
        std::move(request),
        HttpResponder([self = this->shared_from_this()](std::optional<HttpResponse> response) {
          self->engine_->Post(self->strand_, [self, response = std::move(response)]() mutable {
            self->answer_ = std::move(response);
            self->answer_arrived_ = true;
            self->answered_.cancel();
          });
        }));
    while (!answer_arrived_ && !closed_) co_await answered_.async_wait(kAwaitTuple);
    if (closed_) co_return Next::kClose;
    const HttpResponse response =
        answer_ ? *std::move(answer_) : engine_->hooks().fault(503, "request dropped; retry", head);
    answer_.reset();
    co_return co_await Answer(response, persistence, body_on_wire);
  }

  net::awaitable<Next> Refuse(error_code error, const HttpRequest& request) {
    if (timed_out_ && !closed_) {
      co_return co_await Refuse({408, "the request took too long to arrive"}, request);
    }
    const auto fault = FaultOf(error);
    if (!fault) co_return Next::kClose;
    co_return co_await Refuse(*fault, request);
  }

  // After a refusal by the server itself the connection ends: where the next request would begin
  // is unknown, or far away.
  net::awaitable<Next> Refuse(HttpFault fault, const HttpRequest& request) {
    const HttpResponse response = engine_->hooks().fault(fault.status, fault.reason, request);
    const auto body = request.method == "HEAD" ? BodyOnWire::kOmitted : BodyOnWire::kSent;
    co_return co_await Answer(response, Persistence::kClose, body);
  }

  net::awaitable<Next> Answer(const HttpResponse& response, Persistence persistence,
                              BodyOnWire body) {
    if (engine_->draining()) persistence = Persistence::kClose;
    const std::string text =
        ResponseText(response, persistence, body,
                     std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    Arm(engine_->options().body_timeout);  // a peer that does not read must not hold us
    auto [error, bytes] = co_await net::async_write(stream_, net::buffer(text), kAwaitTuple);
    if (error || closed_) co_return Next::kClose;
    co_return persistence == Persistence::kClose ? Next::kLinger : Next::kRequest;
  }

  // Closing with unread bytes would send a reset, which may destroy the answer on its way.
  net::awaitable<void> Linger() {
    Arm(engine_->options().linger_timeout);
    if constexpr (!std::is_same_v<Stream, tcp::socket>) {
      co_await stream_.async_shutdown(kAwaitTuple);
    }
    error_code failed;
    Socket().shutdown(tcp::socket::shutdown_send, failed);
    if (failed) co_return;
    std::array<char, 16384> discarded;
    while (!timed_out_ && !closed_) {
      auto [error, bytes] = co_await Socket().async_read_some(net::buffer(discarded), kAwaitTuple);
      if (error) co_return;
    }
  }

  void TakeHead(const http::request_header<>& header, HttpRequest* request) {
    request->method = std::string(header.method_string());
    request->target = std::string(header.target());
    for (const auto& field : header) {
      request->headers.emplace_back(field.name_string(), field.value());
    }
    error_code error;
    const tcp::endpoint peer = Socket().remote_endpoint(error);
    if (error) return;
    const std::string address = peer.address().to_string(error);
    request->peer = (peer.address().is_v6() ? "[" + address + "]" : address) + ":" +
                    std::to_string(peer.port());
  }

  // Everything but the body.
  static HttpRequest HeadOf(const HttpRequest& request) {
    return {.method = request.method,
            .target = request.target,
            .headers = request.headers,
            .peer = request.peer,
            .connection = request.connection};
  }

  const std::shared_ptr<HttpEngine> engine_;  // first: what follows uses its event loop
  const uint64_t id_;
  const net::any_io_executor strand_;

  // Touched on the strand only.
  Stream stream_;
  net::steady_timer timer_;     // of the operation under way
  net::steady_timer answered_;  // never expires, cancelled when the answer is there
  boost::beast::flat_buffer buffer_;
  uint64_t turn_ = 0;  // which use of timer_ this is
  bool timed_out_ = false;
  bool idle_ = false;  // waiting for the first byte of a request
  bool closed_ = false;
  bool answer_arrived_ = false;
  std::optional<HttpResponse> answer_;  // nullopt after arrival: the responder was dropped
};

}  // namespace

std::shared_ptr<HttpConnection> HttpConnection::CreateClear(std::shared_ptr<HttpEngine> engine,
                                                            tcp::socket socket, uint64_t id) {
  return std::make_shared<StreamConnection<tcp::socket>>(std::move(engine), id, std::move(socket));
}

std::shared_ptr<HttpConnection> HttpConnection::CreateTls(std::shared_ptr<HttpEngine> engine,
                                                          tcp::socket socket, uint64_t id,
                                                          SSL_CTX* context) {
  // The stream owns the SSL, which holds a reference to its context.
  return std::make_shared<StreamConnection<TlsStream>>(std::move(engine), id, std::move(socket),
                                                       SSL_new(context));
}

}  // namespace flameway
