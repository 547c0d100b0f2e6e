// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bridge/compress/codec.h"

namespace flameway {

// Bounds of one decompression. They cap memory before it is allocated; sizes a sender states are
// never trusted.
struct DecompressLimits {
  size_t max_output_bytes = size_t{64} << 20;  // OTLP 1.11's recommended request limit
  uint32_t max_ratio = 200;  // output : input, judged once ratio_free_bytes are out
  size_t ratio_free_bytes = size_t{1} << 20;  // output that no ratio is asked of
};

enum class DecompressError : uint8_t {
  kNone,
  kDamaged,      // not what its header says: truncated, bad checksum, bad magic, trailing bytes
  kTooLarge,     // more than max_output_bytes
  kRatioTooHigh  // more than max_ratio beyond ratio_free_bytes
};
[[nodiscard]] std::string_view DecompressErrorName(DecompressError error);

// Owns the library contexts of all codecs and reuses them. One thread. Memory beyond the output:
// the zstd window (at most 8 MiB, larger windows are kDamaged) and libdeflate's tables.
// Concatenated gzip members, zstd frames and skippable frames all count into one limit.
class Decompressor {
 public:
  explicit Decompressor(DecompressLimits limits);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // Replaces *output (whose capacity is reused) with the decompressed bytes. On an error *output is
  // empty. kNone copies, within max_output_bytes.
  // Beyond 2 MiB the capacity is the whole bound, of which only what was written is in memory:
  // reuse the string, and copy what is to be kept.
  [[nodiscard]] DecompressError Decompress(Codec codec, std::string_view input,
                                           std::string* output);
  // Whether the input of the last Decompress, which went well, is what every receiver of its codec
  // takes: one gzip member or zstd frame or snappy stream, without optional parts (names, header
  // checksums, dictionaries, skippable frames or chunks), nothing behind it.
  [[nodiscard]] bool last_was_plain() const { return plain_; }

 private:
  struct Contexts;
  DecompressLimits limits_;
  bool plain_ = false;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace flameway
