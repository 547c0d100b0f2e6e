// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flameway {

// A gRPC call made of exactly the bytes and headers a test wants, which a gRPC library would not
// send: unknown codings, odd flags, no message at all. HTTP/2 over clear text to 127.0.0.1.
class GrpcWirePeer {
 public:
  struct Reply {
    std::map<std::string, std::string> headers;  // and trailers
    std::string body;                            // with its 5-byte prefixes
    bool reset = false;                          // ended by RST_STREAM
    // "grpc-status", or "" without one.
    [[nodiscard]] std::string Status() const;
  };
  using Lines = std::vector<std::pair<std::string, std::string>>;

  explicit GrpcWirePeer(uint16_t port) : port_(port) {}

  // One call on a connection of its own; gives up after ten seconds. `lines` may replace or, with
  // an empty value, remove the usual headers.
  [[nodiscard]] Reply Call(const std::string& path, std::string body, const Lines& lines = {});

 private:
  uint16_t port_;
};

// A message with its prefix.
[[nodiscard]] std::string FramedMessage(uint8_t flag, std::string_view message);

}  // namespace flameway
