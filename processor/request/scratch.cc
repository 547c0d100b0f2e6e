// SPDX-License-Identifier: Apache-2.0
#include "processor/request/scratch.h"

#include <algorithm>
#include <cstring>

namespace flameway {

char* Scratch::Allocate(size_t size) {
  if (open_ == 0 || blocks_[open_ - 1].size - position_ < size) [[unlikely]]
    OpenBlock(size);
  char* const result = blocks_[open_ - 1].bytes.get() + position_;
  position_ += size;
  used_ += size;
  return result;
}

void Scratch::OpenBlock(size_t size) {
  if (open_ == blocks_.size() || blocks_[open_].size < size) {
    const size_t block_size = std::max(kBlockBytes, size);
    blocks_.insert(
        blocks_.begin() + static_cast<ptrdiff_t>(open_),
        {.bytes = std::make_unique_for_overwrite<char[]>(block_size), .size = block_size});
    capacity_ += block_size;
  }
  ++open_;
  position_ = 0;
}

std::string_view Scratch::Copy(std::string_view bytes) {
  char* const copy = Allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
  return {copy, bytes.size()};
}

void Scratch::Reset() {
  // Larger blocks than usual, and more of them, came from one unusual request.
  std::erase_if(blocks_, [](const Block& block) { return block.size != kBlockBytes; });
  if (blocks_.size() > kKeptBlocks) blocks_.resize(kKeptBlocks);
  capacity_ = blocks_.size() * kBlockBytes;
  open_ = 0;
  position_ = 0;
  used_ = 0;
}

}  // namespace flameway
