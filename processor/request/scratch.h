// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace flameway {

// Memory for the few values of a request that had to be rewritten: repaired strings, resolved
// references, lists that came in pieces. Views stay valid until Reset. Reset keeps up to 1 MiB for
// the next request.
class Scratch {
 public:
  // Uninitialised bytes; never null for size 0.
  [[nodiscard]] char* Allocate(size_t size);
  [[nodiscard]] std::string_view Copy(std::string_view bytes);
  void Reset();
  // Handed out since Reset.
  [[nodiscard]] size_t used_bytes() const { return used_; }
  // Held; between requests, what Reset keeps.
  [[nodiscard]] size_t capacity_bytes() const { return capacity_; }

 private:
  static constexpr size_t kBlockBytes = size_t{64} << 10;
  static constexpr size_t kKeptBlocks = 16;

  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };
  void OpenBlock(size_t size);

  std::vector<Block> blocks_;
  size_t open_ = 0;      // blocks in use since Reset; the last of them is being filled
  size_t position_ = 0;  // in that one
  size_t used_ = 0;
  size_t capacity_ = 0;
};

}  // namespace flameway
