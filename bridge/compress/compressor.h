// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bridge/compress/codec.h"

namespace flameway {

// What level 0 means: zstd 3, gzip 6. 0 for codecs that have no levels.
[[nodiscard]] int DefaultLevel(Codec codec);

// What is known of the bytes beforehand. kSortedRows: rows stand beside those they are like
// (RowOrder::kSorted), so that what repeats is close by. There zstd-3 gets smaller tables than it
// takes for unknown bytes: they fit the processor's cache and find nearly as much, for a quarter
// less time (docs/decisions/0009-sorted-rows.md).
enum class Content : uint8_t { kAny, kSortedRows };

// Owns the library contexts of all codecs, and the memory they write into, and reuses them. One
// thread.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Replaces *output (whose capacity is reused; a fresh one gets no more than it needs, but of
  // snappy) with the compressed bytes. `level` 0 means DefaultLevel. zstd frames state their
  // content size and use a window of at most 8 MiB. Fails only when a library runs out of memory.
  [[nodiscard]] absl::Status Compress(Codec codec, int level, std::string_view input,
                                      std::string* output, Content content = Content::kAny);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace flameway
