// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace flameway {

// Memory for the few values of a request that had to be rewritten: repaired strings, resolved
// references, lists that came in pieces. Views stay valid until Reset. Reset keeps one block for
// the next request.
class Scratch {
 public:
  // Uninitialised bytes; never null for size 0.
  [[nodiscard]] char* Allocate(size_t size);
  [[nodiscard]] std::string_view Copy(std::string_view bytes);
  void Reset();
  // Handed out since Reset.
  [[nodiscard]] size_t used_bytes() const { return used_; }

 private:
  static constexpr size_t kBlockBytes = size_t{64} << 10;

  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_size_ = 0;  // of the last block
  size_t position_ = 0;    // in the last block
  size_t used_ = 0;
};

}  // namespace flameway
