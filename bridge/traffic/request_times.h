// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flameway {

// What a sender must know of a request without decoding it: how many samples there are, when they
// were taken, and where the times stand. Reads the fields that have the same numbers in OTLP 1.8 to
// 1.11. Linear in the profiles and samples; the dictionary is skipped.
class RequestTimes {
 public:
  // nullopt when the bytes are no request.
  [[nodiscard]] static std::optional<RequestTimes> Of(std::string_view request);

  [[nodiscard]] uint64_t profiles() const { return profiles_; }
  [[nodiscard]] uint64_t samples() const { return samples_; }
  // The latest end of a profile: about when the request was sent. 0 without profiles.
  [[nodiscard]] uint64_t end_unix_nano() const { return end_; }

  // Adds `nanos` to every time in `request`, which has the layout of the one read. Times of 0,
  // which mean unknown, stay.
  void Shift(int64_t nanos, std::string* request) const;

 private:
  // `count` consecutive little-endian 8-byte times.
  struct Span {
    size_t offset = 0;
    size_t count = 0;
  };
  bool ReadProfile(std::string_view profile, const char* base);

  std::vector<Span> spans_;
  uint64_t profiles_ = 0;
  uint64_t samples_ = 0;
  uint64_t end_ = 0;
};

}  // namespace flameway
