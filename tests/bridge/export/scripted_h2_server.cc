// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/export/scripted_h2_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace flameway {
namespace {

using Connection = ScriptedH2Server::Connection;

void Require(bool ok) {
  if (!ok) std::abort();
}

std::vector<nghttp2_nv> Fields(const ScriptedH2Server::Headers& headers) {
  std::vector<nghttp2_nv> fields;
  for (const auto& [name, value] : headers) {
    fields.push_back({.name = reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                      .value = reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())),
                      .namelen = name.size(),
                      .valuelen = value.size(),
                      .flags = NGHTTP2_NV_FLAG_NONE});
  }
  return fields;
}

std::string Text(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

void Connection::Answer(int32_t stream, const Headers& headers, std::string body,
                        const Headers& trailers) {
  Stream& state = streams_[stream];
  state.body = std::move(body);
  state.trailers = trailers;
  std::vector<nghttp2_nv> fields = Fields(headers);
  nghttp2_data_provider provider{};
  provider.source.ptr = &state;
  provider.read_callback = [](nghttp2_session* session, int32_t id, uint8_t* buffer, size_t size,
                              uint32_t* flags, nghttp2_data_source* source, void*) -> ssize_t {
    auto* from = static_cast<Stream*>(source->ptr);
    const size_t part = std::min(size, from->body.size() - from->sent);
    std::memcpy(buffer, from->body.data() + from->sent, part);
    from->sent += part;
    if (from->sent == from->body.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!from->trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        std::vector<nghttp2_nv> trailer_fields = Fields(from->trailers);
        nghttp2_submit_trailer(session, id, trailer_fields.data(), trailer_fields.size());
      }
    }
    return static_cast<ssize_t>(part);
  };
  const bool headers_only = state.body.empty() && trailers.empty();
  nghttp2_submit_response(session_, stream, fields.data(), fields.size(),
                          headers_only ? nullptr : &provider);
}

void Connection::Reset(int32_t stream, uint32_t code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, code);
}

void Connection::Goaway(int32_t last_stream, uint32_t code, const std::string& text) {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last_stream, code,
                        reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

void Connection::WriteRaw(const std::string& bytes) {
  static_cast<void>(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

bool Connection::Flush() {
  while (true) {
    const uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) return size == 0;
    ssize_t sent = 0;
    while (sent < size) {
      const ssize_t part = send(fd_, bytes + sent, static_cast<size_t>(size - sent), MSG_NOSIGNAL);
      if (part <= 0) return false;
      sent += part;
    }
  }
}

void Connection::Serve() {
  nghttp2_session_callbacks* callbacks = nullptr;
  Require(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks,
      [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
         const uint8_t* value, size_t value_size, uint8_t, void* user) {
        auto* self = static_cast<Connection*>(user);
        self->streams_[frame->hd.stream_id].request.headers[Text(name, name_size)] =
            Text(value, value_size);
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks,
      [](nghttp2_session*, uint8_t, int32_t stream, const uint8_t* bytes, size_t size, void* user) {
        static_cast<Connection*>(user)->streams_[stream].request.body += Text(bytes, size);
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        auto* self = static_cast<Connection*>(user);
        if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) {
          ++self->server_->pings_;
        }
        const bool carries_request =
            frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        const bool now = self->server_->options_.moment == Moment::kHeaders
                             ? frame->hd.type == NGHTTP2_HEADERS
                             : (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (carries_request && now) {
          Request& request = self->streams_[frame->hd.stream_id].request;
          request.stream = frame->hd.stream_id;
          {
            const MutexLock lock(self->server_->mutex_);
            self->server_->requests_.push_back(request);
          }
          self->server_->script_(*self, request);
        }
        return 0;
      });
  Require(nghttp2_session_server_new(&session_, callbacks, this) == 0);
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
                                         server_->options_.window};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
  if (server_->options_.greeting != nullptr) server_->options_.greeting(*this);
  std::array<uint8_t, 65'536> buffer;
  while (Flush() && !closing_) {
    std::array<pollfd, 2> polled = {{{.fd = fd_, .events = POLLIN, .revents = 0},
                                     {.fd = server_->stop_, .events = POLLIN, .revents = 0}}};
    poll(polled.data(), polled.size(), -1);
    if (polled[1].revents != 0) break;
    const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    if (nghttp2_session_mem_recv(session_, buffer.data(), static_cast<size_t>(got)) < 0) break;
  }
  nghttp2_session_del(session_);
  // Only the writing side first: a close with unread input would be a reset and could overtake what
  // was sent.
  shutdown(fd_, SHUT_WR);
  close(fd_);
}

ScriptedH2Server::ScriptedH2Server(Script script, Options options)
    : script_(std::move(script)), options_(std::move(options)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  stop_ = eventfd(0, EFD_CLOEXEC);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  Require(listen(listener_, 16) == 0);
  socklen_t size = sizeof(address);
  Require(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

ScriptedH2Server::~ScriptedH2Server() {
  const uint64_t one = 1;
  Require(write(stop_, &one, sizeof(one)) == sizeof(one));
  thread_.join();
  close(stop_);
  close(listener_);
}

void ScriptedH2Server::Run() {
  while (true) {
    std::array<pollfd, 2> polled = {{{.fd = listener_, .events = POLLIN, .revents = 0},
                                     {.fd = stop_, .events = POLLIN, .revents = 0}}};
    poll(polled.data(), polled.size(), -1);
    if (polled[1].revents != 0) return;
    Connection connection;
    connection.server_ = this;
    connection.fd_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection.fd_ < 0) continue;
    // Frames go out one by one; without this each waits for the acknowledgement of the last.
    const int on = 1;
    setsockopt(connection.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ++connections_;
    connection.Serve();
    const MutexLock lock(mutex_);
    ++closed_;
    closed_changed_.NotifyAll();
  }
}

std::vector<ScriptedH2Server::Request> ScriptedH2Server::requests() {
  const MutexLock lock(mutex_);
  return requests_;
}

void ScriptedH2Server::AwaitClosedConnections(int count) {
  const MutexLock lock(mutex_);
  while (closed_ < count) closed_changed_.Wait(mutex_);
}

void ScriptedH2Server::AnswerOk(Connection& connection, const Request& request) {
  connection.Answer(request.stream, {{":status", "200"}, {"content-type", "application/grpc"}},
                    std::string(5, '\0'), {{"grpc-status", "0"}});
}

}  // namespace flameway
