// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/receive/grpc_wire_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace flameway {
namespace {

struct Exchange {
  int socket = -1;
  std::string body;
  size_t sent = 0;
  bool closed = false;
  GrpcWirePeer::Reply reply;
};

Exchange& Of(void* user) { return *static_cast<Exchange*>(user); }

ssize_t SendBytes(nghttp2_session*, const uint8_t* bytes, size_t size, int, void* user) {
  const ssize_t sent = send(Of(user).socket, bytes, size, MSG_NOSIGNAL);
  return sent < 0 ? ssize_t{NGHTTP2_ERR_CALLBACK_FAILURE} : sent;
}

ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* buffer, size_t size, uint32_t* flags,
                 nghttp2_data_source*, void* user) {
  Exchange& exchange = Of(user);
  const size_t count = std::min(size, exchange.body.size() - exchange.sent);
  std::memcpy(buffer, exchange.body.data() + exchange.sent, count);
  exchange.sent += count;
  if (exchange.sent == exchange.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

int OnHeader(nghttp2_session*, const nghttp2_frame*, const uint8_t* name, size_t name_size,
             const uint8_t* value, size_t value_size, uint8_t, void* user) {
  Of(user).reply.headers[std::string(reinterpret_cast<const char*>(name), name_size)] =
      std::string(reinterpret_cast<const char*>(value), value_size);
  return 0;
}

int OnData(nghttp2_session*, uint8_t, int32_t, const uint8_t* bytes, size_t size, void* user) {
  Of(user).reply.body.append(reinterpret_cast<const char*>(bytes), size);
  return 0;
}

int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
  if (frame->hd.type == NGHTTP2_RST_STREAM) Of(user).reply.reset = true;
  return 0;
}

int OnClose(nghttp2_session*, int32_t, uint32_t, void* user) {
  Of(user).closed = true;
  return 0;
}

int Connected(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return fd;
}

}  // namespace

std::string GrpcWirePeer::Reply::Status() const {
  const auto status = headers.find("grpc-status");
  return status == headers.end() ? "" : status->second;
}

GrpcWirePeer::Reply GrpcWirePeer::Call(const std::string& path, std::string body,
                                       const Lines& lines) {
  Lines all = {{":method", "POST"}, {":scheme", "http"},
               {":path", path},     {":authority", "localhost"},
               {"te", "trailers"},  {"content-type", "application/grpc"}};
  for (const auto& line : lines) {
    const auto same = std::find_if(
        all.begin(), all.end(), [&line](const auto& usual) { return usual.first == line.first; });
    if (same != all.end()) all.erase(same);
    if (!line.second.empty()) all.push_back(line);
  }
  std::vector<nghttp2_nv> headers;
  for (auto& [name, value] : all) {
    headers.push_back({reinterpret_cast<uint8_t*>(name.data()),
                       reinterpret_cast<uint8_t*>(value.data()), name.size(), value.size(),
                       NGHTTP2_NV_FLAG_NONE});
  }

  Exchange exchange{.socket = Connected(port_), .body = std::move(body)};
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_send_callback(callbacks, SendBytes);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new(&session, callbacks, &exchange);
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  nghttp2_data_provider provider{};
  provider.read_callback = ReadBody;
  nghttp2_submit_request(session, nullptr, headers.data(), headers.size(), &provider, nullptr);

  uint8_t buffer[16384];
  while (!exchange.closed && nghttp2_session_send(session) == 0) {
    const ssize_t got = recv(exchange.socket, buffer, sizeof(buffer), 0);
    if (got <= 0) break;
    if (nghttp2_session_mem_recv(session, buffer, static_cast<size_t>(got)) < 0) break;
  }
  nghttp2_session_del(session);
  nghttp2_session_callbacks_del(callbacks);
  close(exchange.socket);
  return std::move(exchange.reply);
}

std::string FramedMessage(uint8_t flag, std::string_view message) {
  std::string framed(1, static_cast<char>(flag));
  for (int shift = 24; shift >= 0; shift -= 8) {
    framed += static_cast<char>(message.size() >> shift & 0xFF);
  }
  return framed.append(message);
}

}  // namespace flameway
