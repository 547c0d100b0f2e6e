// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/export/cancellation.h"
#include "bridge/export/endpoint.h"
#include "bridge/tls/tls_options.h"
#include "bridge/tls/tls_reloader.h"

namespace flameway {

// How to open a connection.
struct SocketOptions {
  Endpoint endpoint;
  // Null: clear text. Borrowed from the exporter, which outlives its lanes.
  TlsReloader* tls = nullptr;
  TlsClientOptions tls_options;  // of `tls`, for the name to verify
  size_t first_address =
      0;  // of a name that has several, modulo their number: spreads lanes over replicas
  // Ends every wait; null: only deadlines do. Borrowed as `tls` is.
  const Cancellation* cancellation = nullptr;
};

// One connected stream, plain or TLS with ALPN "h2", owned and used by one thread. All calls but
// Connect and Wait return at once. Sends no SIGPIPE.
class Socket {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  enum class Progress : uint8_t {
    kDone,        // `bytes` were moved
    kWouldBlock,  // nothing moved; Wait first
    kClosed,      // the peer ended the stream
    kFailed,      // error() says why
  };
  struct Transfer {
    Progress progress = Progress::kFailed;
    size_t bytes = 0;
  };
  enum class Interest : uint8_t { kRead, kReadAndWrite };
  enum class Readiness : uint8_t { kReady, kTimedOut, kCancelled };

  // Tries the addresses of the host in turn until one accepts, then shakes hands. Blocks until
  // `deadline`, but for the name lookup, which has the time limits of the system's resolver.
  // UNAVAILABLE, DEADLINE_EXCEEDED or CANCELLED.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Socket>> Connect(const SocketOptions& options,
                                                                       Deadline deadline);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  [[nodiscard]] Transfer Read(std::span<uint8_t> buffer);
  // Moves a prefix of the pieces' concatenation. After kWouldBlock the next call must start with
  // the same bytes.
  [[nodiscard]] Transfer Write(std::span<const iovec> pieces);
  // Blocks until a call of the named kind can make progress (or fail).
  [[nodiscard]] Readiness Wait(Interest interest, Deadline deadline);

  // Of the last kFailed.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  Socket(int fd, const Cancellation* cancellation) : fd_(fd), cancellation_(cancellation) {}
  absl::Status ShakeHands(const SocketOptions& options, Deadline deadline);
  Transfer Failed(std::string why);
  // Reads OpenSSL's verdict over a call that returned `result` <= 0.
  Transfer TlsFailed(int result, const char* call);

  const int fd_;
  const Cancellation* const cancellation_;  // or null
  SSL* ssl_ = nullptr;                      // owned; null in clear text
  bool tls_wants_write_ = false;  // TLS has something of its own to say before it can go on
  std::string error_;
};

}  // namespace flameway
