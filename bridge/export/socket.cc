// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "bridge/tls/tls_context.h"

namespace flameway {
namespace {

using std::chrono::steady_clock;

// A name with many addresses must not spend the whole deadline on the first, silent one.
constexpr std::chrono::milliseconds kLeastPerAddress{500};
// One TLS record: what is gathered for one SSL_write.
constexpr size_t kTlsRecordBytes = 16 * 1024;

std::string ErrnoText(int error) { return std::generic_category().message(error); }

int PollMilliseconds(Socket::Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 3'600'000));
}

using Readiness = Socket::Readiness;

// kReady also when broken, which the next call will tell. `cancellation` may be null.
Readiness PollUntil(int fd, short events, Socket::Deadline deadline,
                    const Cancellation* cancellation) {
  const int cancel_fd = cancellation == nullptr ? -1 : cancellation->fd();
  while (true) {
    if (cancellation != nullptr && cancellation->cancelled()) return Readiness::kCancelled;
    std::array<pollfd, 2> poll_fds{{{.fd = fd, .events = events, .revents = 0},
                                    {.fd = cancel_fd, .events = POLLIN, .revents = 0}}};
    const int timeout = PollMilliseconds(deadline);
    const int ready = poll(poll_fds.data(), poll_fds.size(), timeout);
    if (ready > 0 && poll_fds[0].revents != 0) return Readiness::kReady;
    if (ready < 0 && errno != EINTR) return Readiness::kReady;
    if (ready == 0 && timeout == 0) return Readiness::kTimedOut;
  }
}

// Makes OpenSSL write with MSG_NOSIGNAL: its own socket BIO raises SIGPIPE when the peer has gone.
int BioWrite(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const int fd = static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
  const ssize_t sent = send(fd, bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && BIO_sock_should_retry(static_cast<int>(sent)) != 0) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int BioRead(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const int fd = static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
  const ssize_t got = recv(fd, bytes, static_cast<size_t>(size), 0);
  if (got < 0 && BIO_sock_should_retry(static_cast<int>(got)) != 0) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long BioControl(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BIO* NewQuietSocketBio(int fd) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
    BIO_meth_set_write(made, BioWrite);
    BIO_meth_set_read(made, BioRead);
    BIO_meth_set_ctrl(made, BioControl);
    return made;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

std::string TlsErrorText(const SSL* ssl, int system_error) {
  // With verification off the verdict is kept all the same, and means nothing.
  const long verdict =
      SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE ? long{X509_V_OK} : SSL_get_verify_result(ssl);
  std::string text;
  if (verdict != X509_V_OK) {
    text = std::string("certificate not accepted: ") + X509_verify_cert_error_string(verdict);
  } else if (const unsigned long code = ERR_get_error(); code != 0) {
    const char* reason = ERR_reason_error_string(code);
    text = reason != nullptr ? reason : "OpenSSL error " + std::to_string(code);
  } else {
    text = system_error != 0 ? ErrnoText(system_error) : "the peer closed the connection";
  }
  ERR_clear_error();
  return text;
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_UNSPEC;
};

absl::StatusOr<std::vector<Address>> Resolve(const Endpoint& endpoint) {
  std::vector<Address> addresses;
  if (endpoint.family == Endpoint::Family::kUnix) {
    Address address;
    sockaddr_un unix_address{};
    unix_address.sun_family = AF_UNIX;
    const size_t length = std::min(endpoint.path.size(), sizeof(unix_address.sun_path) - 1);
    std::memcpy(unix_address.sun_path, endpoint.path.data(), length);
    if (endpoint.path.front() == '@') unix_address.sun_path[0] = '\0';
    std::memcpy(&address.storage, &unix_address, sizeof(unix_address));
    const size_t terminator = endpoint.path.front() == '@' ? 0 : 1;
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + terminator);
    address.family = AF_UNIX;
    addresses.push_back(address);
    return addresses;
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &list);
  if (error != 0) {
    return absl::UnavailableError("look up " + endpoint.host + ": " + gai_strerror(error));
  }
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    Address address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    address.family = entry->ai_family;
    addresses.push_back(address);
  }
  freeaddrinfo(list);
  return addresses;
}

// Returns the connected descriptor, or minus errno.
int ConnectTo(const Address& address, Socket::Deadline deadline, const Cancellation* cancellation) {
  const int fd = socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (address.family != AF_UNIX) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  int error = 0;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    error = errno;
    if (error == EINPROGRESS || error == EINTR) {
      switch (PollUntil(fd, POLLOUT, deadline, cancellation)) {
        case Readiness::kReady: {
          socklen_t size = sizeof(error);
          if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
          break;
        }
        case Readiness::kTimedOut:
          error = ETIMEDOUT;
          break;
        case Readiness::kCancelled:
          error = ECANCELED;
          break;
      }
    }
  }
  if (error == 0) return fd;
  close(fd);
  return -error;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Socket>> Socket::Connect(const SocketOptions& options,
                                                        Deadline deadline) {
  absl::StatusOr<std::vector<Address>> addresses = Resolve(options.endpoint);
  if (!addresses.ok()) return addresses.status();
  std::string why = "no address";
  const size_t count = addresses->size();
  for (size_t tried = 0; tried < count; ++tried) {
    const auto now = steady_clock::now();
    if (now >= deadline) {
      return absl::DeadlineExceededError("connect " + options.endpoint.Text() + ": timed out");
    }
    const auto share = std::max<steady_clock::duration>(
        (deadline - now) / static_cast<int64_t>(count - tried), kLeastPerAddress);
    const Deadline this_deadline = std::min(deadline, now + share);
    const int fd = ConnectTo((*addresses)[(options.first_address + tried) % count], this_deadline,
                             options.cancellation);
    if (fd == -ECANCELED) {
      return absl::CancelledError("connect " + options.endpoint.Text() + ": cancelled");
    }
    if (fd < 0) {
      why = ErrnoText(-fd);
      continue;
    }
    std::unique_ptr<Socket> connected(new Socket(fd, options.cancellation));
    if (options.tls == nullptr) return connected;
    const absl::Status shaken = connected->ShakeHands(options, deadline);
    if (shaken.ok()) return connected;
    return shaken;
  }
  return absl::UnavailableError("connect " + options.endpoint.Text() + ": " + why);
}

Socket::~Socket() {
  if (ssl_ != nullptr) {
    SSL_shutdown(ssl_);  // sends our close_notify if it fits; the peer's is not waited for
    SSL_free(ssl_);
    ERR_clear_error();
  }
  close(fd_);
}

absl::Status Socket::ShakeHands(const SocketOptions& options, Deadline deadline) {
  const auto failure = [&](const std::string& why) {
    return absl::UnavailableError("TLS with " + options.endpoint.Text() + ": " + why);
  };
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context = options.tls->Current(steady_clock::now());
  ssl_ = SSL_new(context.get());  // keeps a reference of its own
  if (ssl_ == nullptr) return failure("out of memory");
  BIO* bio = NewQuietSocketBio(fd_);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_mode(ssl_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_options(ssl_, SSL_OP_NO_RENEGOTIATION);  // so that a write never waits for a read
  constexpr std::array<unsigned char, 3> kAlpn = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl_, kAlpn.data(), kAlpn.size());

  const bool is_unix = options.endpoint.family == Endpoint::Family::kUnix;
  const absl::Status named =
      SetTlsPeerName(options.tls_options, is_unix ? "localhost" : options.endpoint.host, ssl_);
  if (!named.ok()) return failure(std::string(named.message()));

  while (true) {
    errno = 0;
    const int result = SSL_connect(ssl_);
    if (result == 1) break;
    const int error = SSL_get_error(ssl_, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      return failure(TlsErrorText(ssl_, errno));
    }
    switch (
        PollUntil(fd_, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline, cancellation_)) {
      case Readiness::kReady:
        break;
      case Readiness::kTimedOut:
        return absl::DeadlineExceededError("TLS with " + options.endpoint.Text() + ": timed out");
      case Readiness::kCancelled:
        return absl::CancelledError("TLS with " + options.endpoint.Text() + ": cancelled");
    }
  }
  const unsigned char* chosen = nullptr;
  unsigned int chosen_size = 0;
  SSL_get0_alpn_selected(ssl_, &chosen, &chosen_size);
  if (chosen_size != 2 || std::memcmp(chosen, "h2", 2) != 0) {
    return failure("the peer does not offer HTTP/2 (ALPN h2)");
  }
  return absl::OkStatus();
}

Socket::Transfer Socket::Failed(std::string why) {
  error_ = std::move(why);
  return {.progress = Progress::kFailed};
}

Socket::Transfer Socket::TlsFailed(int result, const char* call) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_WRITE:
      tls_wants_write_ = true;
      return {.progress = Progress::kWouldBlock};
    case SSL_ERROR_WANT_READ:
      return {.progress = Progress::kWouldBlock};
    case SSL_ERROR_ZERO_RETURN:
      return {.progress = Progress::kClosed};
    default:
      return Failed(std::string(call) + ": " + TlsErrorText(ssl_, system_error));
  }
}

Socket::Transfer Socket::Read(std::span<uint8_t> buffer) {
  if (ssl_ != nullptr) {
    errno = 0;
    tls_wants_write_ = false;
    const int size = static_cast<int>(std::min<size_t>(buffer.size(), 1U << 30U));
    const int got = SSL_read(ssl_, buffer.data(), size);
    if (got <= 0) return TlsFailed(got, "read");
    return {.progress = Progress::kDone, .bytes = static_cast<size_t>(got)};
  }
  while (true) {
    const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
    if (got > 0) return {.progress = Progress::kDone, .bytes = static_cast<size_t>(got)};
    if (got == 0) return {.progress = Progress::kClosed};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {.progress = Progress::kWouldBlock};
    if (errno != EINTR) return Failed("read: " + ErrnoText(errno));
  }
}

Socket::Transfer Socket::Write(std::span<const iovec> pieces) {
  if (ssl_ != nullptr) {
    std::array<char, kTlsRecordBytes> record;
    size_t size = 0;
    for (const iovec& piece : pieces) {
      const size_t part = std::min(piece.iov_len, record.size() - size);
      std::memcpy(record.data() + size, piece.iov_base, part);
      size += part;
      if (size == record.size()) break;
    }
    errno = 0;
    tls_wants_write_ = false;
    const int sent = SSL_write(ssl_, record.data(), static_cast<int>(size));
    if (sent <= 0) return TlsFailed(sent, "write");
    return {.progress = Progress::kDone, .bytes = static_cast<size_t>(sent)};
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  while (true) {
    const ssize_t sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent >= 0) return {.progress = Progress::kDone, .bytes = static_cast<size_t>(sent)};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {.progress = Progress::kWouldBlock};
    if (errno != EINTR) return Failed("write: " + ErrnoText(errno));
  }
}

Socket::Readiness Socket::Wait(Interest interest, Deadline deadline) {
  short events = POLLIN;
  if (interest == Interest::kReadAndWrite || tls_wants_write_) events |= POLLOUT;
  return PollUntil(fd_, events, deadline, cancellation_);
}

}  // namespace flameway
