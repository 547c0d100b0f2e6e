// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bridge/export/h2_exchange.h"
#include "bridge/export/socket.h"

// nghttp2's own names, so that this header needs none of nghttp2's.
struct nghttp2_session;

namespace flameway {

struct H2ConnectionOptions {
  SocketOptions socket;
  // A PING is sent when nothing came for keepalive_time while a call waits; 0 is never. Servers may
  // close connections that ping more often than they like (gRPC's default: once in five minutes).
  std::chrono::milliseconds keepalive_time{0};
  std::chrono::milliseconds keepalive_timeout{10'000};
  size_t max_response_bytes = size_t{4} << 20;
};

// One HTTP/2 connection that carries one exchange at a time. One thread, which also drives the
// protocol: between calls nobody answers the peer's PINGs, so a peer may close an idle connection;
// LooksAlive notices before reuse. The payload is not copied in clear text (frame headers and
// slices of it go to sendmsg together). Memory: nghttp2's session (13 KB), a 16 KB read buffer, the
// reply up to max_response_bytes.
class H2Connection {
 public:
  using Deadline = Socket::Deadline;

  [[nodiscard]] static absl::StatusOr<std::unique_ptr<H2Connection>> Open(
      const H2ConnectionOptions& options, Deadline deadline);
  ~H2Connection();
  H2Connection(const H2Connection&) = delete;
  H2Connection& operator=(const H2Connection&) = delete;

  // Sends the request and waits for the answer. Blocks until `deadline`.
  [[nodiscard]] H2Reply Exchange(const H2Request& request, Deadline deadline);

  // Reads what the peer sent since the last exchange; false when another one must not be tried.
  [[nodiscard]] bool LooksAlive();

  // False after an exchange that leaves the connection in doubt, or when the peer said goodbye.
  [[nodiscard]] bool reusable() const { return !broken_ && !draining_; }

 private:
  struct Callbacks;  // nghttp2's, as static functions
  // The exchange under way; lives on the stack of Exchange.
  struct Stream {
    std::string_view prefix;
    std::string_view payload;
    size_t sent = 0;  // of prefix + payload, handed to nghttp2
    size_t header_bytes = 0;
    bool ended = false;   // the peer's side is complete
    bool closed = false;  // nghttp2 has forgotten the stream
    uint32_t close_code = 0;
    H2Reply reply;
  };
  // Bytes to send: some of our own, then some of the payload.
  struct Segment {
    std::string head;
    std::string_view body;
  };
  enum class Flushed : uint8_t { kAll, kBlocked, kFailed };

  explicit H2Connection(const H2ConnectionOptions& options) : options_(options) {}
  bool Begin();
  int32_t Submit(const H2Request& request, Stream* stream);
  void Drive(Stream* stream, Deadline deadline);
  [[nodiscard]] bool PingInTime();
  [[nodiscard]] Deadline NextPingEvent() const;
  Flushed Flush();
  bool FillSegments();
  void Consume(size_t bytes);
  void ReadAvailable();
  void Break(H2Reply::End end, std::string why);
  void Conclude(int32_t id, Stream* stream);

  const H2ConnectionOptions options_;
  std::unique_ptr<Socket> socket_;
  nghttp2_session* session_ = nullptr;  // owned
  std::deque<Segment> segments_;
  size_t segment_offset_ = 0;  // of the first segment, already sent
  std::array<uint8_t, 16 * 1024> read_buffer_;

  bool broken_ = false;    // nothing more can be sent or read
  bool draining_ = false;  // the peer sent GOAWAY
  H2Reply::End broken_end_ = H2Reply::End::kClosed;
  std::string broken_why_;
  std::string goaway_;          // code and text of the GOAWAY
  std::string protocol_error_;  // nghttp2's words on the last protocol error
  std::chrono::steady_clock::time_point last_read_;
  std::chrono::steady_clock::time_point ping_sent_;
  bool ping_outstanding_ = false;
};

}  // namespace flameway
