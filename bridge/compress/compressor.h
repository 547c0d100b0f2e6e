// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bridge/compress/codec.h"

namespace flameway {

// What level 0 means: zstd 3, gzip 6. 0 for codecs that have no levels.
[[nodiscard]] int DefaultLevel(Codec codec);

// Owns the library contexts of all codecs and reuses them. One thread.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Replaces *output (whose capacity is reused) with the compressed bytes. `level` 0 means
  // DefaultLevel. zstd frames state their content size and use a window of at most 8 MiB. Fails
  // only when a library runs out of memory.
  [[nodiscard]] absl::Status Compress(Codec codec, int level, std::string_view input,
                                      std::string* output);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace flameway
