// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "processor/model/buffer.h"

namespace flameway {

// What samples measured: timestamps and values, appended in the order they came. Each sample has a
// chain of chunks, newest first, so that appending needs no search; the encoder writes back to
// front and meets them in that order.
//
// chunk: previous u32 | timestamp_count u32 | value_bytes u32 | timestamps 8 x n | values (varints)
class Points {
 public:
  static constexpr uint32_t kNoChunk = UINT32_MAX;

  struct Chunk {
    uint32_t previous = kNoChunk;
    std::string_view timestamps;
    std::string_view values;
  };

  // Appends a chunk before which `previous` stands, and returns it. At most 4 GiB in all.
  uint32_t Append(uint32_t previous, std::string_view timestamps, std::string_view values) {
    const auto chunk = static_cast<uint32_t>(bytes_.size());
    const uint32_t header[] = {previous, static_cast<uint32_t>(timestamps.size() / 8),
                               static_cast<uint32_t>(values.size())};
    char* p = bytes_.Reserve(kHeaderBytes + timestamps.size() + values.size());
    std::memcpy(p, header, kHeaderBytes);
    p += kHeaderBytes;
    if (timestamps.size() == 8) {  // one event, as most samples are: no call
      std::memcpy(p, timestamps.data(), 8);
    } else {
      std::copy(timestamps.begin(), timestamps.end(), p);
    }
    std::copy(values.begin(), values.end(), p + timestamps.size());
    bytes_.Extend(kHeaderBytes + timestamps.size() + values.size());
    return chunk;
  }
  [[nodiscard]] Chunk at(uint32_t chunk) const {
    uint32_t header[3];
    std::memcpy(header, bytes_.data() + chunk, kHeaderBytes);
    const std::string_view rest =
        std::string_view(bytes_.begin() + chunk + kHeaderBytes, bytes_.end());
    const size_t timestamps = size_t{header[1]} * 8;
    return {.previous = header[0],
            .timestamps = rest.substr(0, timestamps),
            .values = rest.substr(timestamps, header[2])};
  }
  // Clears the bits of a chunk's timestamps that are not in `mask`.
  void MaskTimestamps(uint32_t chunk, uint64_t mask) {
    const size_t count = at(chunk).timestamps.size() / 8;
    char* p = bytes_.data() + chunk + kHeaderBytes;
    for (size_t i = 0; i < count; ++i, p += 8) {
      uint64_t time;
      std::memcpy(&time, p, 8);
      time &= mask;
      std::memcpy(p, &time, 8);
    }
  }
  [[gnu::always_inline]] void Prefetch(uint32_t chunk) const {
    __builtin_prefetch(bytes_.data() + chunk);
  }
  [[nodiscard]] size_t bytes() const { return bytes_.size(); }
  [[nodiscard]] size_t memory_bytes() const { return bytes_.capacity_bytes(); }
  void Clear() { bytes_.Clear(); }

 private:
  static constexpr size_t kHeaderBytes = 12;

  Buffer<char> bytes_;
};

}  // namespace flameway
