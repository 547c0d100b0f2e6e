// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/export/scripted_http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"

namespace flameway {
namespace {

void Require(bool ok) {
  if (!ok) std::abort();
}

// A blocking stream with or without TLS.
class Peer {
 public:
  Peer(int fd, int stop, SSL_CTX* tls) : fd_(fd), stop_(stop) {
    if (tls == nullptr) return;
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd);
    ok_ = SSL_accept(ssl_) == 1;
    ERR_clear_error();
  }
  ~Peer() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    shutdown(fd_, SHUT_WR);
    close(fd_);
  }
  bool ok() const { return ok_; }

  // False at the end, on an error, or when the server stops.
  bool ReadSome(std::string* into) {
    if (ssl_ == nullptr || SSL_pending(ssl_) == 0) {
      std::array<pollfd, 2> polled = {{{.fd = fd_, .events = POLLIN, .revents = 0},
                                       {.fd = stop_, .events = POLLIN, .revents = 0}}};
      poll(polled.data(), polled.size(), -1);
      if (polled[1].revents != 0) return false;
    }
    std::array<char, 65'536> buffer;
    const ssize_t got = ssl_ != nullptr
                            ? SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()))
                            : recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    into->append(buffer.data(), static_cast<size_t>(got));
    return true;
  }
  bool Write(const std::string& bytes) {
    size_t done = 0;
    while (done < bytes.size()) {
      const size_t left = bytes.size() - done;
      const ssize_t sent = ssl_ != nullptr
                               ? SSL_write(ssl_, bytes.data() + done, static_cast<int>(left))
                               : send(fd_, bytes.data() + done, left, MSG_NOSIGNAL);
      if (sent <= 0) return false;
      done += static_cast<size_t>(sent);
    }
    return true;
  }

 private:
  const int fd_;
  const int stop_;
  SSL* ssl_ = nullptr;
  bool ok_ = true;
};

}  // namespace

std::string ScriptedHttpServer::Request::Header(const std::string& name) const {
  const std::string lower = absl::AsciiStrToLower(head);
  const size_t at = lower.find("\r\n" + name + ":");
  if (at == std::string::npos) return {};
  const size_t begin = at + name.size() + 3;
  const std::string line = head.substr(begin, head.find("\r\n", begin) - begin);
  return std::string(absl::StripAsciiWhitespace(line));
}

ScriptedHttpServer::ScriptedHttpServer(Script script, std::shared_ptr<SSL_CTX> tls)
    : script_(std::move(script)), tls_(std::move(tls)) {
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

ScriptedHttpServer::~ScriptedHttpServer() {
  const uint64_t one = 1;
  Require(write(stop_, &one, sizeof(one)) == sizeof(one));
  thread_.join();
  close(stop_);
  close(listener_);
}

void ScriptedHttpServer::Run() {
  // OpenSSL writes to sockets without MSG_NOSIGNAL. Only here: what is tested must not need it.
  sigset_t pipe_signal;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);
  while (true) {
    std::array<pollfd, 2> polled = {{{.fd = listener_, .events = POLLIN, .revents = 0},
                                     {.fd = stop_, .events = POLLIN, .revents = 0}}};
    poll(polled.data(), polled.size(), -1);
    if (polled[1].revents != 0) return;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    Serve(fd);
  }
}

void ScriptedHttpServer::Serve(int fd) {
  Peer peer(fd, stop_, tls_.get());
  std::string input;
  while (peer.ok()) {
    size_t end = input.find("\r\n\r\n");
    while (end == std::string::npos) {
      if (!peer.ReadSome(&input)) return;
      end = input.find("\r\n\r\n");
    }
    Request request{.head = input.substr(0, end + 2), .body = {}};
    input.erase(0, end + 4);
    const size_t length = std::strtoul(request.Header("content-length").c_str(), nullptr, 10);
    while (input.size() < length) {
      if (!peer.ReadSome(&input)) return;
    }
    request.body = input.substr(0, length);
    input.erase(0, length);
    {
      const MutexLock lock(mutex_);
      requests_.push_back(request);
    }
    const std::string answer = script_(request);
    if (answer.empty() || !peer.Write(answer)) return;
  }
}

std::vector<ScriptedHttpServer::Request> ScriptedHttpServer::requests() {
  const MutexLock lock(mutex_);
  return requests_;
}

std::string ScriptedHttpServer::Answer(int status, const std::string& headers,
                                       const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

}  // namespace flameway
