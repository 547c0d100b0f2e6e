// SPDX-License-Identifier: Apache-2.0
#include "processor/request/scratch.h"

#include <algorithm>
#include <cstring>

namespace flameway {

char* Scratch::Allocate(size_t size) {
  if (blocks_.empty() || block_size_ - position_ < size) {
    block_size_ = std::max(kBlockBytes, size);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
    position_ = 0;
  }
  char* const result = blocks_.back().get() + position_;
  position_ += size;
  used_ += size;
  return result;
}

std::string_view Scratch::Copy(std::string_view bytes) {
  char* const copy = Allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
  return {copy, bytes.size()};
}

void Scratch::Reset() {
  if (!blocks_.empty()) {
    // Larger blocks than usual came from one unusual request; they are not kept.
    const bool keep = block_size_ == kBlockBytes;
    if (keep) std::swap(blocks_.front(), blocks_.back());
    blocks_.resize(keep ? 1 : 0);
    block_size_ = keep ? kBlockBytes : 0;
  }
  position_ = 0;
  used_ = 0;
}

}  // namespace flameway
