// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/h2_connection.h"

#include <nghttp2/nghttp2.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace flameway {
namespace {

using std::chrono::steady_clock;

constexpr size_t kMaxHeaderBytes = size_t{64}
                                   << 10U;  // of one reply, with 32 bytes for each as HTTP/2 counts
constexpr size_t kMaxSegments = 1024;       // above this the socket must take some first
constexpr size_t kPiecesPerWrite = 64;
constexpr int kReadsPerRound = 64;  // then the deadline is looked at again
constexpr size_t kMaxDebugText = 256;

std::string_view View(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv Field(std::string_view name, std::string_view value) {
  return {.name = reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          .value = reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct H2Connection::Callbacks {
  static H2Connection* Self(void* user) { return static_cast<H2Connection*>(user); }
  static Stream* StreamOf(nghttp2_session* session, int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static ssize_t ReadBody(nghttp2_session* /*session*/, int32_t /*id*/, uint8_t* /*buffer*/,
                          size_t size, uint32_t* flags, nghttp2_data_source* source,
                          void* /*user*/) {
    auto* stream = static_cast<Stream*>(source->ptr);
    const size_t left = stream->prefix.size() + stream->payload.size() - stream->sent;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (left <= size) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(std::min(left, size));
  }

  static int SendBody(nghttp2_session* /*session*/, nghttp2_frame* /*frame*/,
                      const uint8_t* frame_header, size_t size, nghttp2_data_source* source,
                      void* user) {
    auto* stream = static_cast<Stream*>(source->ptr);
    Segment segment{.head = std::string(View(frame_header, 9)), .body = {}};
    if (stream->sent < stream->prefix.size()) {
      const std::string_view part = stream->prefix.substr(stream->sent, size);
      segment.head.append(part);
      stream->sent += part.size();
      size -= part.size();
    }
    // A tiny window may end this frame inside the prefix.
    if (size > 0) {
      segment.body = stream->payload.substr(stream->sent - stream->prefix.size(), size);
    }
    stream->sent += size;
    Self(user)->segments_.push_back(std::move(segment));
    return 0;
  }

  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t /*flags*/,
                      void* /*user*/) {
    Stream* stream = StreamOf(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    const std::string_view name_view = View(name, name_size);
    const std::string_view value_view = View(value, value_size);
    if (name_view == ":status") {
      // Another one follows an informational 1xx: start over. nghttp2 lets three digits through
      // only.
      stream->reply.headers.clear();
      stream->reply.http_status = 0;
      for (const char digit : value_view) {
        stream->reply.http_status = stream->reply.http_status * 10 + (digit - '0');
      }
      return 0;
    }
    stream->header_bytes += name_size + value_size + 32;
    if (stream->header_bytes > kMaxHeaderBytes) {
      stream->reply.end = H2Reply::End::kTooLarge;
      stream->reply.error = "the headers of the answer exceed 64 KiB";
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    stream->reply.headers.emplace_back(name_view, value_view);
    return 0;
  }

  static int OnBody(nghttp2_session* session, uint8_t /*flags*/, int32_t id, const uint8_t* bytes,
                    size_t size, void* user) {
    Stream* stream = StreamOf(session, id);
    if (stream == nullptr || stream->reply.end == H2Reply::End::kTooLarge) return 0;
    const size_t limit = Self(user)->options_.max_response_bytes;
    if (size > limit - stream->reply.body.size()) {
      stream->reply.end = H2Reply::End::kTooLarge;
      stream->reply.error = "the answer exceeds " + std::to_string(limit) + " bytes";
      stream->reply.body.clear();
      return 0;
    }
    stream->reply.body.append(View(bytes, size));
    return 0;
  }

  static int OnFrame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    H2Connection* self = Self(user);
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      self->draining_ = true;
      self->goaway_ = std::string("GOAWAY ") + nghttp2_http2_strerror(frame->goaway.error_code);
      const size_t size = std::min(frame->goaway.opaque_data_len, kMaxDebugText);
      if (size > 0)
        self->goaway_ += " \"" + std::string(View(frame->goaway.opaque_data, size)) + '"';
    } else if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
               (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      if (Stream* stream = StreamOf(session, frame->hd.stream_id)) stream->ended = true;
    }
    return 0;
  }

  static int OnClose(nghttp2_session* session, int32_t id, uint32_t code, void* /*user*/) {
    if (Stream* stream = StreamOf(session, id)) {
      stream->closed = true;
      stream->close_code = code;
    }
    return 0;
  }

  static int OnError(nghttp2_session* /*session*/, int /*code*/, const char* text, size_t size,
                     void* user) {
    Self(user)->protocol_error_ = std::string(text, std::min(size, kMaxDebugText));
    return 0;
  }
};

absl::StatusOr<std::unique_ptr<H2Connection>> H2Connection::Open(const H2ConnectionOptions& options,
                                                                 Deadline deadline) {
  absl::StatusOr<std::unique_ptr<Socket>> socket = Socket::Connect(options.socket, deadline);
  if (!socket.ok()) return socket.status();
  std::unique_ptr<H2Connection> connection(new H2Connection(options));
  connection->socket_ = *std::move(socket);
  if (!connection->Begin()) return absl::ResourceExhaustedError("HTTP/2 session: out of memory");
  return connection;
}

bool H2Connection::Begin() {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) return false;
  nghttp2_session_callbacks_set_send_data_callback(callbacks, Callbacks::SendBody);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::OnBody);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::OnFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::OnClose);
  nghttp2_session_callbacks_set_error_callback2(callbacks, Callbacks::OnError);
  const int error = nghttp2_session_client_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  if (error != 0) return false;
  const std::array<nghttp2_settings_entry, 2> settings = {{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(kMaxHeaderBytes)},
  }};
  last_read_ = steady_clock::now();
  return nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) ==
         0;
}

H2Connection::~H2Connection() {
  if (session_ == nullptr) return;
  if (!broken_ && segments_.empty()) {
    nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
    static_cast<void>(Flush());  // a goodbye if the socket takes it, else none
  }
  nghttp2_session_del(session_);
}

void H2Connection::Break(H2Reply::End end, std::string why) {
  if (broken_) return;
  broken_ = true;
  broken_end_ = end;
  broken_why_ = std::move(why);
}

H2Reply H2Connection::Exchange(const H2Request& request, Deadline deadline) {
  Stream stream{.prefix = request.prefix, .payload = request.payload, .reply = {}};
  const int32_t id = Submit(request, &stream);
  if (id < 0) {
    // Nothing was sent. A session that has seen GOAWAY or has run out of stream ids takes no more
    // requests.
    draining_ = true;
    stream.reply.end = H2Reply::End::kRefused;
    stream.reply.error = nghttp2_strerror(id);
    return std::move(stream.reply);
  }
  Drive(&stream, deadline);
  Conclude(id, &stream);
  return std::move(stream.reply);
}

int32_t H2Connection::Submit(const H2Request& request, Stream* stream) {
  std::vector<nghttp2_nv> fields = {Field(":method", "POST"), Field(":scheme", request.scheme),
                                    Field(":path", request.path),
                                    Field(":authority", request.authority)};
  for (const auto& [name, value] : request.headers) fields.push_back(Field(name, value));
  nghttp2_data_provider provider{};
  provider.source.ptr = stream;
  provider.read_callback = Callbacks::ReadBody;
  return nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), &provider, stream);
}

void H2Connection::Drive(Stream* stream, Deadline deadline) {
  last_read_ = steady_clock::now();
  ping_outstanding_ = false;
  while (!stream->ended && !stream->closed && stream->reply.end != H2Reply::End::kTooLarge) {
    const Flushed flushed = Flush();
    // Even after a failed write an answer may lie ready: servers refuse a large request and close.
    if (flushed == Flushed::kFailed) {
      ReadAvailable();
      return;
    }
    if (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0) {
      Break(H2Reply::End::kClosed, goaway_.empty() ? "the session has ended" : goaway_);
    }
    if (broken_) return;
    if (steady_clock::now() >= deadline) {
      Break(H2Reply::End::kTimedOut, "no answer in time");
      return;
    }
    if (!PingInTime()) return;
    const auto interest =
        flushed == Flushed::kBlocked ? Socket::Interest::kReadAndWrite : Socket::Interest::kRead;
    if (nghttp2_session_want_write(session_) != 0 && segments_.empty()) continue;  // the PING
    switch (socket_->Wait(interest, std::min(deadline, NextPingEvent()))) {
      case Socket::Readiness::kReady:
        ReadAvailable();
        break;
      case Socket::Readiness::kTimedOut:
        break;
      case Socket::Readiness::kCancelled:
        Break(H2Reply::End::kCancelled, "cancelled before the answer came");
        return;
    }
  }
}

bool H2Connection::PingInTime() {
  if (options_.keepalive_time.count() <= 0) return true;
  const auto now = steady_clock::now();
  if (ping_outstanding_) {
    if (now < ping_sent_ + options_.keepalive_timeout) return true;
    Break(H2Reply::End::kClosed, "keepalive: the PING was not answered");
    return false;
  }
  if (now >= last_read_ + options_.keepalive_time) {
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    ping_outstanding_ = true;
    ping_sent_ = now;
  }
  return true;
}

H2Connection::Deadline H2Connection::NextPingEvent() const {
  if (options_.keepalive_time.count() <= 0) return Deadline::max();
  return ping_outstanding_ ? ping_sent_ + options_.keepalive_timeout
                           : last_read_ + options_.keepalive_time;
}

bool H2Connection::FillSegments() {
  while (segments_.size() < kMaxSegments) {
    const uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size < 0) {
      Break(H2Reply::End::kProtocol, nghttp2_strerror(static_cast<int>(size)));
      return false;
    }
    if (size == 0) return true;
    segments_.push_back({.head = std::string(View(bytes, static_cast<size_t>(size))), .body = {}});
  }
  return true;
}

H2Connection::Flushed H2Connection::Flush() {
  while (true) {
    if (!FillSegments()) return Flushed::kFailed;
    if (segments_.empty()) return Flushed::kAll;
    std::array<iovec, kPiecesPerWrite> pieces;
    size_t count = 0;
    size_t skip = segment_offset_;
    for (const Segment& segment : segments_) {
      if (count + 2 > pieces.size()) break;
      for (const std::string_view part : {std::string_view(segment.head), segment.body}) {
        const size_t skipped = std::min(skip, part.size());
        skip -= skipped;
        if (skipped == part.size()) continue;
        pieces[count++] = {.iov_base = const_cast<char*>(part.data()) + skipped,
                           .iov_len = part.size() - skipped};
      }
    }
    const Socket::Transfer sent = socket_->Write({pieces.data(), count});
    switch (sent.progress) {
      case Socket::Progress::kDone:
        Consume(sent.bytes);
        break;
      case Socket::Progress::kWouldBlock:
        return Flushed::kBlocked;
      case Socket::Progress::kClosed:
      case Socket::Progress::kFailed:
        return Flushed::kFailed;
    }
  }
}

void H2Connection::Consume(size_t bytes) {
  bytes += segment_offset_;
  while (!segments_.empty()) {
    const size_t size = segments_.front().head.size() + segments_.front().body.size();
    if (bytes < size) break;
    bytes -= size;
    segments_.pop_front();
  }
  segment_offset_ = bytes;
}

void H2Connection::ReadAvailable() {
  for (int round = 0; round < kReadsPerRound && !broken_; ++round) {
    const Socket::Transfer got = socket_->Read(read_buffer_);
    switch (got.progress) {
      case Socket::Progress::kWouldBlock:
        return;
      case Socket::Progress::kClosed:
        Break(H2Reply::End::kClosed,
              goaway_.empty() ? "the peer closed the connection" : "closed after " + goaway_);
        return;
      case Socket::Progress::kFailed:
        Break(H2Reply::End::kClosed, socket_->error());
        return;
      case Socket::Progress::kDone:
        break;
    }
    last_read_ = steady_clock::now();
    ping_outstanding_ = false;
    const ssize_t taken = nghttp2_session_mem_recv(session_, read_buffer_.data(), got.bytes);
    if (taken < 0 || !protocol_error_.empty()) {
      Break(H2Reply::End::kProtocol,
            protocol_error_.empty() ? nghttp2_strerror(static_cast<int>(taken)) : protocol_error_);
    }
  }
}

void H2Connection::Conclude(int32_t id, Stream* stream) {
  H2Reply& reply = stream->reply;
  if (reply.end == H2Reply::End::kTooLarge) {
    // Decided when it was seen.
  } else if (stream->ended) {
    reply.end = H2Reply::End::kComplete;
  } else if (stream->closed && stream->close_code == NGHTTP2_REFUSED_STREAM) {
    reply.end = H2Reply::End::kRefused;
    reply.error = goaway_.empty() ? "REFUSED_STREAM" : goaway_;
  } else if (stream->closed) {
    reply.end = H2Reply::End::kReset;
    reply.error = std::string("RST_STREAM ") + nghttp2_http2_strerror(stream->close_code);
    if (!goaway_.empty()) reply.error += " after " + goaway_;
  } else {
    Break(H2Reply::End::kClosed, "the connection failed");
    reply.end = broken_end_;
    reply.error = broken_why_;
  }
  // The stream lives on our stack and the payload belongs to the caller: a connection may be used
  // again only when nghttp2 and the send queue have let go of both.
  if (!broken_ && !stream->closed) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  }
  if (!broken_ && (Flush() != Flushed::kAll || !stream->closed)) {
    Break(H2Reply::End::kClosed, "left in the middle of an exchange");
  }
  if (broken_) {
    segments_.clear();
    if (!stream->closed) nghttp2_session_set_stream_user_data(session_, id, nullptr);
  }
}

bool H2Connection::LooksAlive() {
  if (!reusable()) return false;
  ReadAvailable();
  if (reusable() && Flush() == Flushed::kFailed) {
    Break(H2Reply::End::kClosed, "write: " + socket_->error());
  }
  return reusable() && nghttp2_session_want_read(session_) != 0;
}

}  // namespace flameway
