// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "processor/model/buffer.h"
#include "proto/wire/varint.h"

namespace flameway {

// What samples measured: timestamps and values, appended in the order they came. Each sample has a
// chain of chunks, newest first, so that appending needs no search; the encoder writes back to
// front and meets them in that order.
//
// chunk: previous u32 | timestamp_count varint | value_bytes varint | timestamps 8 x n | values
// (varints)
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
    char* const begin = bytes_.Reserve(sizeof previous + 2 * wire::kMaxVarintBytes +
                                       timestamps.size() + values.size());
    std::memcpy(begin, &previous, sizeof previous);
    char* p = wire::WriteVarint(begin + sizeof previous, timestamps.size() / 8);
    p = wire::WriteVarint(p, values.size());
    if (timestamps.size() == 8) {  // one event, as most samples are: no call
      std::memcpy(p, timestamps.data(), 8);
      p += 8;
    } else {
      p = std::copy(timestamps.begin(), timestamps.end(), p);
    }
    p = std::copy(values.begin(), values.end(), p);
    bytes_.Extend(static_cast<size_t>(p - begin));
    return chunk;
  }
  [[nodiscard]] Chunk at(uint32_t chunk) const {
    Chunk read;
    const char* p = bytes_.data() + chunk;
    std::memcpy(&read.previous, p, sizeof read.previous);
    p += sizeof read.previous;
    uint64_t timestamps = 0;
    uint64_t value_bytes = 0;
    (void)wire::ReadVarint(p, bytes_.end(), timestamps);
    (void)wire::ReadVarint(p, bytes_.end(), value_bytes);
    read.timestamps = {p, timestamps * 8};
    read.values = {p + timestamps * 8, value_bytes};
    return read;
  }
  // Clears the bits of a chunk's timestamps that are not in `mask`.
  void MaskTimestamps(uint32_t chunk, uint64_t mask) {
    const std::string_view timestamps = at(chunk).timestamps;
    char* p = bytes_.data() + (timestamps.data() - bytes_.data());
    for (size_t i = 0; i < timestamps.size() / 8; ++i, p += 8) {
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
  Buffer<char> bytes_;
};

}  // namespace flameway
