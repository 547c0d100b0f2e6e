// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/http/http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace flameway {

HttpPeer::HttpPeer(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

HttpPeer::HttpPeer(uint16_t port, SSL_CTX* context) : HttpPeer(port) {
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), socket_);
  secure_ = SSL_connect(ssl_.get()) == 1;
}

HttpPeer::~HttpPeer() {
  if (secure_) SSL_shutdown(ssl_.get());
  if (socket_ >= 0) close(socket_);
}

void HttpPeer::FreeSsl::operator()(SSL* ssl) const { SSL_free(ssl); }

bool HttpPeer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent =
        ssl_ ? ssize_t{SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))}
             : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool HttpPeer::Fill() {
  char buffer[16384];
  const auto got = ssl_ ? ssize_t{SSL_read(ssl_.get(), buffer, sizeof(buffer))}
                        : recv(socket_, buffer, sizeof(buffer), 0);
  if (got <= 0) return false;
  unread_.append(buffer, static_cast<size_t>(got));
  return true;
}

HttpReply HttpPeer::ReadReply(Expecting expecting) {
  size_t end = 0;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return {};
  }
  const std::string head = unread_.substr(0, end + 2);
  unread_.erase(0, end + 4);
  HttpReply reply;
  reply.status = std::atoi(head.c_str() + std::string_view("HTTP/1.1 ").size());
  for (size_t line = head.find("\r\n") + 2; line < head.size();) {
    const size_t next = head.find("\r\n", line);
    const size_t colon = head.find(": ", line);
    std::string name = head.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    reply.headers[name] = head.substr(colon + 2, next - colon - 2);
    line = next + 2;
  }
  const auto length = reply.headers.find("content-length");
  if (length == reply.headers.end() || expecting == Expecting::kNoBody) return reply;
  const size_t size = std::stoul(length->second);
  while (unread_.size() < size) {
    if (!Fill()) return {};
  }
  reply.body = unread_.substr(0, size);
  unread_.erase(0, size);
  return reply;
}

bool HttpPeer::AtEnd() {
  if (!unread_.empty()) return false;
  if (ssl_) return !Fill();
  char byte = 0;
  return recv(socket_, &byte, 1, 0) == 0;
}

void HttpPeer::FinishSending() { shutdown(socket_, SHUT_WR); }

std::string PostText(std::string_view target, std::string_view lines, std::string_view body) {
  std::string text = "POST ";
  text.append(target).append(" HTTP/1.1\r\nHost: here\r\n").append(lines);
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return text.append(body);
}

}  // namespace flameway
